"""Connections of the threads that read beside a person who types."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection

from cxrtui.screens.keys_first import Turns
from db.database import Database

_STEPS: Final = 10_000  # of SQLite's machine between two looks: about a millisecond


@contextmanager
def reading(database: Database, turns: Turns) -> Iterator[Connection]:
    """A connection that gives way to keys, also in the middle of a statement."""
    with database.read() as connection:
        raw = connection.connection.dbapi_connection
        if not isinstance(raw, sqlite3.Connection):
            raise TypeError(f"expected a connection of sqlite3, found {type(raw).__name__}")
        raw.set_progress_handler(turns.give_way, _STEPS)
        try:
            yield connection
        finally:
            raw.set_progress_handler(None, 0)
