"""Reads an invoice out of an e-mail: `python examples/invoice.py [EMAIL.txt]`."""

import sys
from pathlib import Path

from pydantic import BaseModel

import structdiff


class Invoice(BaseModel):
    invoice_number: str
    seller: str
    due_date: str
    total: float
    paid: bool


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("email.txt")
    result = structdiff.generate(path.read_text("utf-8"), Invoice)
    print(result.unwrap())
    print(f"{result.status.name}, {result.forwards} forwards, {result.seconds:.2f} seconds")


if __name__ == "__main__":
    main()
