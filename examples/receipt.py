"""Reads a receipt whose lines add up to its total: `python examples/receipt.py`. Exit code 3: the model found none."""

import sys

from pydantic import BaseModel, Field

import structdiff
from structdiff.constraints.json_schema import JsonSchema
from structdiff.constraints.pydantic_model import schema_of
from structdiff.constraints.rules import Rule

TEXT = "Receipt from Halden Paper Supply: paper 12, pens 5, ink 8. Total 25 euros, paid in cash. Thank you!"


class Receipt(BaseModel):
    seller: str
    lines: list[int] = Field(min_length=1, max_length=4)
    total: int


def adds_up(receipt: Receipt) -> None:
    if receipt.total != sum(receipt.lines):
        raise ValueError(f"the lines add up to {sum(receipt.lines)}, not to {receipt.total}")


def main(steps: int | None = None, max_tokens: int = 96) -> int:
    wanted = JsonSchema(schema_of(Receipt)) & Rule(adds_up, kind=Receipt)
    result = structdiff.generate(TEXT, wanted, steps=steps, max_tokens=max_tokens)
    if not result.valid:
        print(f"The rule does not hold. {result.status.name}: {result.status.value}\n{result.text}")
        return 3
    print(f"The rule holds: {' + '.join(map(str, result.value.lines))} = {result.value.total}.\n{result.value!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
