"""Runs one benchmark: `python -m tasks.bench <name> [--json]`; `--help` lists them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from tasks.bench import compile, crowd, infill, maskbench, maskgen, posterior, puzzles, serve, validity

# each: arguments(parser), run(options), table(report)
BENCHMARKS = {"posterior": posterior, "compile": compile, "validity": validity, "maskbench": maskbench, "maskgen": maskgen,
              "infill": infill, "puzzles": puzzles, "serve": serve, "crowd": crowd}


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tasks.bench", description="Speed and memory, peers beside us.")
    commands = parser.add_subparsers(dest="name", required=True)
    for name, benchmark in BENCHMARKS.items():
        command = commands.add_parser(name, help=benchmark.__doc__.splitlines()[0], description=benchmark.__doc__)
        command.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        benchmark.arguments(command)
    options = parser.parse_args(argv)
    benchmark = BENCHMARKS[options.name]
    report = benchmark.run(options)
    print(json.dumps(report) if options.json else benchmark.table(report))


if __name__ == "__main__":
    main()
