"""Reads a booking whose end comes after its start: `python examples/booking.py`. Exit code 3: the model found none."""

import sys
from datetime import date

from pydantic import BaseModel, model_validator

import structdiff

EMAIL = "Dear Ms Okafor, your room at the Hotel Fjord is booked from 12 May 2025 to 15 May 2025. Regards, Marit Solberg"


class Booking(BaseModel):
    hotel: str
    start: date
    end: date

    @model_validator(mode="after")
    def ends_after_it_starts(self) -> "Booking":
        if self.end <= self.start:
            raise ValueError(f"the end, {self.end}, must come after the start, {self.start}")
        return self


def main(steps: int | None = None, max_tokens: int = 128) -> int:
    result = structdiff.generate(EMAIL, Booking, steps=steps, max_tokens=max_tokens)
    if not result.valid:
        print(f"The rule does not hold. {result.status.name}: {result.status.value}\n{result.text}")
        return 3
    print(f"The rule holds: {result.value.end} comes after {result.value.start}.\n{result.value!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
