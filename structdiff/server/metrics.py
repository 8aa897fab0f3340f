"""Counters in Prometheus' text format, under vLLM's names where it has one."""

from __future__ import annotations

from collections import Counter
from bisect import bisect_left

from structdiff.result import Result

BUCKETS = {"compile_seconds": (0.001, 0.01, 0.1, 0.5, 1.0, 5.0), "task_seconds": (0.001, 0.01, 0.1, 0.5, 1.0, 5.0), "e2e_request_latency_seconds": (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
           "forwards_to_end": (2, 4, 8, 16, 32, 64, 128)}


class Metrics:
    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._histograms = {name: [0] * (len(bounds) + 1) for name, bounds in BUCKETS.items()}
        self._sums: Counter[str] = Counter()

    def count(self, name: str, label: str = "", by: int = 1) -> None:
        self._counts[name, label] += by

    def observe(self, name: str, value: float) -> None:
        self._histograms[name][bisect_left(BUCKETS[name], value)] += 1
        self._sums[name] += value

    def ended(self, result: Result) -> None:
        """Counts a result."""
        self.count("results", result.status.name)
        self.count("generation_tokens", by=len(result.tokens))
        for step in result.steps:
            for rule in step.renoised.values():
                self.count("renoised_tokens", "checker" if ":" in rule else "automaton")
        self.observe("e2e_request_latency_seconds", result.seconds)
        self.observe("forwards_to_end", result.forwards)

    def text(self, gauges: dict[str, int], forwards: int) -> str:
        lines = [f"structdiff:{name} {value}" for name, value in gauges.items()] + [f"structdiff:forwards_total {forwards}"]
        for (name, label), value in sorted(self._counts.items()):
            lines.append(f'structdiff:{name}_total{{kind="{label}"}} {value}' if label else f"structdiff:{name}_total {value}")
        for name, counts in self._histograms.items():
            below = 0
            for bound, many in zip((*BUCKETS[name], "+Inf"), counts):
                below += many
                lines.append(f'structdiff:{name}_bucket{{le="{bound}"}} {below}')
            lines += [f"structdiff:{name}_sum {self._sums[name]}", f"structdiff:{name}_count {below}"]
        return "\n".join(lines) + "\n"
