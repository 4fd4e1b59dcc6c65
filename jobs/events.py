"""`events.jsonl`: what a program tells while it runs, one JSON object a line.

Every event has `seq` (0, 1, 2, ... within the attempt), `time` (Unix seconds) and `kind`:

started      model, device, steps (of the whole job), step (where this attempt begins), samples
step         step, epoch (fraction done, from 0), loss, lr, images_per_second, data_wait (share of
             the time in which training waited for images)
epoch        epoch (1-based, done), step, train_loss, val_loss, val_map, label_ap {label: AP},
             gpu_peak (bytes of one GPU so far); null where there is none
checkpoint   step, epoch, path (relative to the attempt's folder)
predictions  split, path, sha256, rows, label_ap
warning      text
finished     artifacts [{path, sha256, bytes}] (paths relative to the attempt's folder), weights,
             gpu_peak
"""

import json
import os
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Final

KINDS: Final = frozenset(
    {"started", "step", "epoch", "checkpoint", "predictions", "warning", "finished"}
)
FLUSH_SECONDS: Final = 0.2
_encode: Final = json.JSONEncoder(allow_nan=False).encode
_TAIL: Final = 1 << 16  # bytes that hold the last event nearly always
_MANY: Final = 2**53  # more events than there can be


class EventWriter:
    """Appends events to a new attempt's file: buffered, flushed about five times a second."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=1 << 16)
        self._seq = 0
        self._flushed = time.monotonic()

    def write(self, kind: str, **fields: Any) -> None:
        """Append one event; numbers must be finite or None."""
        event = {"seq": self._seq, "time": round(time.time(), 3), "kind": kind, **fields}
        self._file.write(_encode(event).encode() + b"\n")
        self._seq += 1
        if time.monotonic() - self._flushed >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Hand what is buffered to the operating system, so that others can read it."""
        self._file.flush()
        self._flushed = time.monotonic()

    def sync(self) -> None:
        """Flush to the disk."""
        self.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Flush to the disk and close."""
        self.sync()
        self._file.close()


@dataclass(frozen=True)
class Event:
    """One parsed line and the byte offset behind it."""

    seq: int
    time: float
    kind: str
    fields: dict[str, Any]
    end: int


def read_events(path: Path, offset: int = 0, kind: str = "") -> Iterator[Event]:
    """Events of the whole lines from byte `offset` on; a torn last line waits.

    With `kind` only those, and much faster: of a week's training there are millions of others. A
    line that is no event is skipped. A missing file has no events.
    """
    mark = f'"{kind}"'.encode() if kind else b""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            event = _parse(line, offset) if mark in line else None
            if event is not None and (not kind or event.kind == kind):
                yield event


def last_event(path: Path) -> Event | None:
    """The last event of a file, found from its end; None if there is none."""
    size = path.stat().st_size if path.exists() else 0
    reach = _TAIL
    while True:
        begin = max(0, size - reach)
        found = deque(read_events(path, begin), maxlen=1)
        if found or begin == 0:
            return found[0] if found else None
        reach *= 16


def _parse(line: bytes, end: int) -> Event | None:
    try:
        fields = json.loads(line.decode())
        seq, when, kind = int(fields.pop("seq")), float(fields.pop("time")), fields.pop("kind")
        if kind in KINDS and 0 <= seq < _MANY and isfinite(when):
            return Event(seq, when, kind, fields, end)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    return None
