"""Ray Data as an engine of `structdiff.batch`: a pool of actors, and a checkpoint of what they have written.

Ray writes shards, in no order, each in two phases (a note of what it will hold, the shard, the note confirmed); a run that goes on lets Ray
skip the lines of confirmed shards. The lines are put in order from these alone, so that none is lost and none is there twice, whatever a
killed run left behind. IN, OUT and the shards are on a file system that all nodes share.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import ray
from ray.data.block import BlockMetadata
from ray.data.checkpoint import CheckpointConfig
from ray.data.datasource import Datasource, ReadTask
from ray.data.exceptions import ExecutionTimeoutError

from structdiff.batch.desk import Desk
from structdiff.batch.job import Job
from structdiff.batch.source import Position, Source
from structdiff.errors import DenoiserError

LOCAL = "local"
SMALL = 0.25            # CPUs of a read or a write. Ray's own default is a whole one: on two cores the actors would leave none, and it waits
FILTER = 1              # CPUs that Ray's filter of finished lines takes
STARTS = 3              # of a local cluster: Ray gives each 30 seconds, which a busy machine may not have
STORE = 256 << 20       # bytes of a local cluster's object store


@dataclass(frozen=True)
class OnRay:
    """An engine: a Ray cluster.

    folder: for the shards; it is removed at the end. address: of a running cluster; "local" starts one here. workers: actors; None: one a
    GPU, or a core. cpus: of an actor; below 1, so that reading and writing have a turn. lines: of a shard. stalled: seconds without
    progress after which Ray gives up, rather than wait in silence.
    """

    folder: Path
    address: str = LOCAL
    workers: int | None = None
    cpus: float = 0.5
    lines: int = 128
    stalled: float = 300.0

    def records(self, job: Job, source: Source, done: int) -> Iterator[str]:
        """Yields the record of each line after line `done`, in order, once there are all.

        Raises:
            DenoiserError: Ray, or an actor, failed; what is written is kept for the next run.
        """
        made_from = json.dumps([source.digest, job.stamp()]).encode()
        shards = self.folder / hashlib.sha256(made_from).hexdigest()[:16]
        if done < source.lines:
            self._run(job, source, done, shards)
            yield from _in_order(shards, done, source.lines)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, job: Job, source: Source, done: int, shards: Path) -> None:
        try:
            workers, gpus = self._joined()
            self._write(job, _Lines(source, done, self.lines), shards, workers, gpus)
        except (ray.exceptions.RayError, ExecutionTimeoutError) as error:
            last = str(error).strip().splitlines()[-1].strip()           # of a traceback from afar: the exception
            raise DenoiserError(f"Ray failed: {last}; mend that, then go on with --resume") from error
        finally:
            ray.shutdown()

    def _joined(self) -> tuple[int, int]:
        """Returns how many actors there are to be in the cluster, and how many GPUs each has."""
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")        # nothing is sent anywhere unless somebody asks for it
        local, cores = self.address == LOCAL, len(os.sched_getaffinity(0))
        least = ceil((self.workers or cores) * self.cpus + FILTER + 2 * SMALL)           # Ray starts a process for each, so no more than that
        here = {"num_cpus": least, "object_store_memory": STORE, "include_dashboard": False} if local else {}
        for left in reversed(range(STARTS if local else 1)):
            try:
                ray.init(self.address, log_to_driver=False, logging_level="WARNING", **here)
                break
            except Exception as error:                               # Ray raises plain ones
                ray.shutdown()
                if not left:
                    raise DenoiserError(f"cannot join Ray at {self.address}: {' '.join(str(error).split())}") from error
        have = ray.cluster_resources()
        gpus = int(have.get("GPU", 0))
        return self.workers or gpus or (cores if local else int(have["CPU"])), min(gpus, 1)

    def _write(self, job: Job, lines: _Lines, shards: Path, workers: int, gpus: int) -> None:
        logging.getLogger("ray.data").setLevel(logging.WARNING)
        context = ray.data.DataContext.get_current()
        context.execution_no_progress_timeout_s = self.stalled
        context.enable_progress_bars = sys.stderr.isatty()
        (shards / "checkpoint").mkdir(parents=True, exist_ok=True)
        context.checkpoint_config = CheckpointConfig("line", str(shards / "checkpoint"), delete_checkpoint_on_success=False)
        few = ceil(workers / 8)                                      # that read or write at a time; each is a process
        rows = ray.data.read_datasource(lines, num_cpus=SMALL, override_num_blocks=lines.blocks, concurrency=few)
        answered = rows.map_batches(_Actor, fn_constructor_args=(job,), batch_size=None, batch_format="pyarrow", num_cpus=self.cpus,
                                    num_gpus=gpus, compute=ray.data.ActorPoolStrategy(size=workers))
        answered.write_parquet(str(shards / "records"), ray_remote_args={"num_cpus": SMALL}, concurrency=few)


class _Actor:
    """Holds a model, made at the first call: what is wrong then ends the run, where a constructor's fault would be tried again and again."""

    def __init__(self, job: Job):
        self._job, self._desk = job, None

    def __call__(self, block: pa.Table) -> pa.Table:
        if self._desk is None:
            import torch

            torch.set_num_threads(1)
            self._desk = Desk(self._job)
        self._desk.take(zip(block["line"].to_pylist(), block["text"].to_pylist()))
        records = []
        while self._desk.busy:
            records += self._desk.step()
        texts = [text.encode("utf-8", "backslashreplace") for _, text in records]
        return pa.table({"line": pa.array([line for line, _ in records], pa.int64()), "record": pa.array(texts, pa.binary())})


class _Lines(Datasource):
    """The lines of a file, so many to a block."""

    def __init__(self, source: Source, done: int, lines: int):
        super().__init__()
        self._source, self._blocks = source, _blocks(source, done, lines)

    @property
    def blocks(self) -> int:
        return len(self._blocks)

    def estimate_inmemory_data_size(self) -> int:
        return sum(block.length for _, block in self._blocks)

    def get_read_tasks(self, parallelism: int, per_task_row_limit: int | None = None, data_context: Any = None) -> list[ReadTask]:
        return [ReadTask(partial(_read, self._source.path, block), BlockMetadata(lines, block.length, None, None))
                for lines, block in self._blocks]


def _blocks(source: Source, done: int, lines: int) -> list[tuple[int, Position]]:
    """Returns how many lines are in each block, and where they are together."""
    blocks: list[tuple[int, Position]] = []
    for number, begin, length in source.positions(done):
        if blocks and blocks[-1][0] < lines:
            many, block = blocks[-1]
            blocks[-1] = many + 1, block._replace(length=block.length + length)
        else:
            blocks.append((1, Position(number, begin, length)))
    return blocks


def _read(path: Path, block: Position) -> list[pa.Table]:
    with open(path, "rb") as file:
        texts = block.text(file).removesuffix(b"\n").split(b"\n")
    return [pa.table({"line": pa.array(range(block.number, block.number + len(texts)), pa.int64()), "text": pa.array(texts, pa.binary())})]


def _in_order(shards: Path, done: int, lines: int) -> Iterator[str]:
    """Yields the records of lines `done + 1` to `lines` from the confirmed shards.

    Raises:
        DenoiserError: there is a line that is in none.
    """
    confirmed = tuple(path.stem for path in (shards / "checkpoint").glob("*.parquet") if not path.stem.endswith(".pending"))
    files = sorted(path for path in (shards / "records").glob("*.parquet") if path.name.startswith(confirmed))
    held = [parquet.read_table(file, columns=["line"])["line"].to_numpy() for file in files]
    numbers = np.concatenate([np.zeros(0, dtype=np.int64), *held])
    where = np.concatenate([np.zeros((0, 2), dtype=np.int64), *(np.stack([np.full(len(one), file), np.arange(len(one))], 1)
                                                              for file, one in enumerate(held))])
    found, first = np.unique(numbers, return_index=True)
    first = first[(found > done) & (found <= lines)]
    if len(first) != lines - done:
        raise DenoiserError(f"Ray ended, and {lines - done - len(first)} lines have no answer; go on with --resume")

    @lru_cache(maxsize=8)                            # neighbours are in the same shard, or in a few
    def records(file: int) -> pa.ChunkedArray:
        return parquet.read_table(files[file], columns=["record"])["record"]

    for file, row in where[first].tolist():
        yield records(file)[row].as_py().decode()
