"""The output: line `n` of it answers line `n` of the input, so how far a run came is how many lines there are."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO

from structdiff.cli_input import UsageFault

SYNCED = 1.0            # seconds of output that a power failure may take; a kill takes none


class Sheet:
    """A file that only grows, by whole lines. tally: how many of its lines have which status.

    Beside it stands `FILE.job`, the stamp of what it is made from. A line that was cut short, and what follows it, is dropped.

    Raises:
        UsageFault: the file is there and `resume` is not asked for; or it is, and was made from something else, or by a run that goes on.
    """

    def __init__(self, path: Path, stamp: dict[str, Any], resume: bool = False):
        self.path, self._beside = path, path.with_name(path.name + ".job")
        self.tally: Counter[str] = Counter()
        there = path.exists()
        begun = there and path.stat().st_size > 0
        if begun and not resume:
            raise UsageFault(f"{path} is there already; go on with it by --resume, or name another file")
        try:
            self._file: BinaryIO = open(path, "r+b" if there else "x+b")
        except OSError as error:
            raise UsageFault(f"cannot write {path}: {error.strerror}; check the path") from None
        try:
            self._lock()
            if resume and (begun or there and self._beside.exists()):
                self._require(stamp)
            else:
                self._beside.write_text(json.dumps(stamp, indent=1) + "\n", "utf-8")
            self._file.truncate(self._read())
            self._file.seek(0, os.SEEK_END)
        except BaseException:
            self._file.close()
            raise
        self._synced = time.monotonic()

    @property
    def done(self) -> int:
        return self.tally.total()

    def append(self, record: str) -> None:
        """Writes a line; a lone surrogate in it as the JSON escape it came from."""
        self._file.write(record.encode("utf-8", "backslashreplace") + b"\n")
        self._file.flush()
        self.tally[json.loads(record)["status"]] += 1
        if time.monotonic() - self._synced > SYNCED:
            os.fsync(self._file.fileno())
            self._synced = time.monotonic()

    def close(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageFault(f"{self.path} is being written by another run; wait for it, or end it") from None

    def _require(self, stamp: dict[str, Any]) -> None:
        try:
            found = json.loads(self._beside.read_text("utf-8"))
        except (OSError, ValueError):
            raise UsageFault(f"{self.path} cannot be gone on with: {self._beside.name}, which says what it is made from, is not there or "
                             "cannot be read; name another file") from None
        other = [name for name in stamp if found.get(name) != stamp[name]]
        if other:
            raise UsageFault(f"{self.path} was begun with another {', '.join(other)}; give the same, or name another file")

    def _read(self) -> int:
        """Counts the lines that are whole and in their place; returns how many bytes they take."""
        end = 0
        for number, line in enumerate(self._file, 1):
            try:
                record = json.loads(line)
                if not line.endswith(b"\n") or record["line"] != number:
                    break
                self.tally[record["status"]] += 1
            except (ValueError, KeyError, TypeError):
                break
            end += len(line)
        return end
