"""`python -m tasks.markup_repair eval|cases|several|peers …`."""

from __future__ import annotations

import sys

from tasks.markup_repair import calibrate, cases, evaluate, peers, several

COMMANDS = {"calibrate": calibrate.main, "eval": evaluate.main, "cases": cases.main, "several": several.main, "peers": peers.install}

if __name__ == "__main__":
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command not in COMMANDS:
        sys.exit(f"usage: python -m tasks.markup_repair {'|'.join(COMMANDS)} …")
    COMMANDS[command](sys.argv[2:])
