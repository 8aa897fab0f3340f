"""`python -m tasks.json_extract train|mean|eval|card …`."""

from __future__ import annotations

import sys

from tasks.json_extract import card, evaluate, mean, train

COMMANDS = {"train": train.main, "mean": mean.main, "eval": evaluate.main, "card": card.main}

if __name__ == "__main__":
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command not in COMMANDS:
        sys.exit(f"usage: python -m tasks.json_extract {'|'.join(COMMANDS)} …")
    COMMANDS[command](sys.argv[2:])
