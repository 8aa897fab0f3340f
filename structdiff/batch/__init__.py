"""Many prompts, a file of them: `run` writes a line of output for each line of input, and goes on where it was cut short."""

from __future__ import annotations

from structdiff.batch.job import Job
from structdiff.batch.processes import Processes
from structdiff.batch.run import Engine, Summary, run

__all__ = ["Engine", "Job", "Processes", "Summary", "run"]
