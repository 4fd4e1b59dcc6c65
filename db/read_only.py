"""How SQLite is told to read a database and nothing else. Imports nothing that takes long."""

import os
from pathlib import Path
from urllib.parse import quote, urlencode


def read_only_options(path: Path) -> dict[str, str]:
    """Options of the address of a database; with what its folder allows taken into account.

    In a folder that cannot be written SQLite opens a file only if it is told that nobody writes
    it: without a journal beside it nobody does.
    """
    journal = Path(f"{path}-wal")
    still = not journal.exists() or journal.stat().st_size == 0
    immutable = still and not os.access(path.parent, os.W_OK)
    return {"mode": "ro", **({"immutable": "1"} if immutable else {})}


def read_only_address(path: Path) -> str:
    """The address by which `sqlite3.connect(..., uri=True)` only reads a database."""
    return f"file:{quote(str(path))}?{urlencode(read_only_options(path))}"
