"""Two documents in one text, of which a repair can make the first, the last, or a list of both.

    python -m tasks.markup_repair several

No answer is counted right; the table says what each tool does.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Sequence

from tasks.markup_repair.documents import documents
from tasks.markup_repair.judges import same, valid
from tasks.markup_repair.peers import PEERS, Missing, started
from tasks.markup_repair.trials import timed

OUTCOMES = ("first", "last", "list", "other", "not valid", "refused")
BETWEEN = ("\n", "\n\n", "", ", ", "\n```\n\n```\n", "\n---\n")


def together(texts: Sequence[str], rng: random.Random) -> str:
    """Returns the documents one behind the other, with one of the things between that stand there."""
    return rng.choice(BETWEEN).join(text.strip() for text in texts)


def outcome(format: str, texts: Sequence[str], made: str | None) -> str:
    """Returns which of OUTCOMES it is."""
    if made is None:
        return "refused"
    if not valid(format, made):
        return "not valid"
    answers = {"first": texts[0], "last": texts[-1]} | ({"list": f"[{', '.join(texts)}]"} if format == "json" else {})
    return next((name for name, text in answers.items() if same(format, made, text)), "other")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tasks.markup_repair several", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--format", nargs="+", default=["json", "xml"])
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    parser.add_argument("--documents", type=int, default=40)
    parser.add_argument("--tools", nargs="+", choices=list(PEERS), default=list(PEERS))
    parser.add_argument("--seed", type=int, default=20261201)
    parser.add_argument("--limit", type=float, default=20.0, help="seconds that a tool may take for a text")
    options = parser.parse_args(arguments)
    print(f"| {'format':6} | {'tool':16} | " + " | ".join(f"{name:>9}" for name in OUTCOMES) + " |\n"
          + "|---" * (2 + len(OUTCOMES)) + "|")
    for format in options.format:
        texts = [one.text for one in documents(format, options.split, options.documents, options.seed)]
        rng = random.Random(options.seed)
        pairs = [(pair, together(pair, rng)) for pair in zip(texts, texts[1:])]
        for tool in options.tools:
            try:
                repair = started(tool, format)
            except Missing:
                continue
            counts = Counter(outcome(format, pair, timed(repair, text, options.limit)[0].text) for pair, text in pairs)
            shares = " | ".join(f"{100 * counts[name] / len(pairs):9.1f}" for name in OUTCOMES)
            print(f"| {format:6} | {tool:16} | {shares} |")


if __name__ == "__main__":
    main()
