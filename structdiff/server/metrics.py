"""What is counted, for Prometheus: vLLM's names where it has one, under `structdiff:`."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from structdiff.result import Result

SHORT = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
LONG = (0.1, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
FORWARDS = (0, 1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """The counts of one server, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = self._counter("requests", "requests that were taken in, by route", "route")
        self.rejected = self._counter("requests_rejected", "requests that were refused, by status", "status")
        self.compile_seconds = self._histogram("compile_seconds", "until a constraint was ready, its wait included", SHORT)
        self.task_seconds = self._histogram("task_seconds", "of repairs and puzzles, their wait included", SHORT)
        self.first_token = self._histogram("time_to_first_token_seconds", "until the first text that stays", LONG)
        self._finished = self._counter("request_success", "answers, by the reason that they ended for", "finished_reason")
        self._statuses = self._counter("results", "answers, by their status", "status")
        self._invalid = self._counter("invalid_finals", "answers under a constraint that are not valid, and say so")
        self._prompt, self._generated = self._counter("prompt_tokens", "tokens read"), self._counter("generation_tokens", "tokens written")
        self._renoised = self._counter("renoised_tokens", "tokens that broke a rule and were noise again, by who found it", "reason")
        self._latency = self._histogram("e2e_request_latency_seconds", "from the first forward to the end of an answer", LONG)
        self._check = self._histogram("check_seconds", "that checkers took, an answer", SHORT)
        self._valid_after = self._histogram("forwards_to_valid", "forwards of the valid answers", FORWARDS)

    def gauge(self, name: str, about: str, value: Callable[[], float]) -> None:
        """Has `value()` shown under the name, as it is when asked."""
        Gauge(f"structdiff:{name}", about, registry=self._registry).set_function(value)

    def read(self, tokens: int) -> None:
        self._prompt.inc(tokens)

    def ended(self, result: Result, reason: str) -> None:
        """Counts an answer."""
        self._finished.labels(reason).inc()
        self._statuses.labels(result.status.name).inc()
        self._generated.inc(len(result.tokens))
        for step in result.steps:
            for rule in step.renoised.values():
                self._renoised.labels("checker" if ":" in rule else "automaton").inc()
        self._latency.observe(result.seconds)
        self._check.observe(result.check_seconds)
        if result.valid:
            self._valid_after.observe(result.forwards)
        else:
            self._invalid.inc()

    def text(self) -> bytes:
        return generate_latest(self._registry)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"structdiff:{name}", about, labels, registry=self._registry)

    def _histogram(self, name: str, about: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"structdiff:{name}", f"Seconds {about}" if name.endswith("seconds") else about, buckets=buckets, registry=self._registry)
