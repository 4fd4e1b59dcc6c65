"""The journal: what people asked, durable before anything else happens.

`journal.jsonl` is append-only, one JSON object a line, fsynced. The database follows it: whoever
writes to the database first applies the lines that it has not seen, in one transaction with the
byte offset behind them. So a crash between the two loses nothing, and a rebuild is the same code.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from db.journal_state import applied_offset, set_applied_offset
from jobs.errors import DamagedError
from jobs.failpoints import failpoint
from jobs.queue.entries import apply_entry
from jobs.workspace import Workspace


def record(workspace: Workspace, *entries: dict[str, Any]) -> None:
    """Append what a person asked, all or nothing, and apply it to the database."""
    failpoint("command.before-journal")
    now = round(time.time(), 3)
    lines = [json.dumps({"time": now, **entry}, allow_nan=False) + "\n" for entry in entries]
    with _locked(workspace.paths.journal) as file:
        _drop_torn_line(file)
        file.write("".join(lines).encode())
        file.flush()
        os.fsync(file.fileno())
    failpoint("command.after-journal")
    apply_journal(workspace)


def apply_journal(workspace: Workspace) -> bool:
    """Bring the database up to the journal; whether there was anything new."""
    journal = workspace.paths.journal
    with workspace.database.read() as connection:
        if not journal.exists() or applied_offset(connection) == journal.stat().st_size:
            return False
    with workspace.database.write() as connection:
        for entry, begin, end in _entries(journal, applied_offset(connection)):
            apply_entry(workspace, connection, entry, begin)
            set_applied_offset(connection, end)
        failpoint("journal.before-commit")
    failpoint("journal.applied")
    return True


def _entries(journal: Path, offset: int) -> Iterator[tuple[dict[str, Any], int, int]]:
    """(entry, its offset, the offset behind it) of the whole lines from `offset` on."""
    with journal.open("rb") as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            try:
                entry = json.loads(line)
            except ValueError as error:
                raise DamagedError(
                    f"{journal}: byte {offset}: this line is not JSON: mend or remove it"
                ) from error
            yield entry, offset, offset + len(line)
            offset += len(line)


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    with path.open("ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _drop_torn_line(file: BinaryIO) -> None:
    """Cut off what a crash left of a line that was never acknowledged."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - (1 << 24)))
    tail = file.read()
    keep = tail.rfind(b"\n") + 1
    if keep != len(tail):
        file.truncate(size - len(tail) + keep)
