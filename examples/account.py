"""Reads a card number whose check digit is right: `python examples/account.py`. Exit code 3: the model found none."""

import sys
from typing import Annotated

from pydantic import BaseModel, Field, field_validator

import structdiff

NOTE = "Please charge the annual fee to the card 4539578763621486 of Amara Okafor. Kind regards, Accounts receivable"


def luhn(digits: str) -> int:
    """Returns the check sum of ISO/IEC 7812-1, which is 0 for a right number."""
    return sum(sum(divmod(int(digit) * (1 + i % 2), 10)) for i, digit in enumerate(reversed(digits))) % 10


class Account(BaseModel):
    holder: str
    number: Annotated[str, Field(pattern="^[0-9]{16}$")]

    @field_validator("number")
    @classmethod
    def is_checked(cls, number: str) -> str:
        if luhn(number):
            raise ValueError(f"the check digit of {number} is off by {luhn(number)}")
        return number


def main(steps: int | None = None, max_tokens: int = 96) -> int:
    result = structdiff.generate(NOTE, Account, steps=steps, max_tokens=max_tokens)
    if not result.valid:
        print(f"The rule does not hold. {result.status.name}: {result.status.value}\n{result.text}")
        return 3
    print(f"The rule holds: the check sum of {result.value.number} is {luhn(result.value.number)}.\n{result.value!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
