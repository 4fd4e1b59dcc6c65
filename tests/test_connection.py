"""A thread's connection gives way to keys while SQLite works, and only as long as it is lent."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from cxrtui.screens.feed.connection import reading
from cxrtui.screens.keys_first import KeysFirst, Turns
from db.database import Database

ROWS = 200_000
COUNT = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
    f"WHERE i < {ROWS}) SELECT count(*) FROM n"
)


class Counted(Turns):
    """Counts how often it gives way, and whether that was within a statement."""

    def __init__(self) -> None:
        super().__init__(KeysFirst())
        self.times = 0
        self.is_within = False

    def give_way(self) -> None:
        assert self.is_within
        self.times += 1
        super().give_way()

    def count(self, connection: Connection) -> int:
        """Let SQLite work for long, in one statement."""
        self.is_within = True
        found = int(connection.exec_driver_sql(COUNT).scalar_one())
        self.is_within = False
        return found


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "db.sqlite")
    yield made
    made.close()


def test_it_gives_way_in_the_middle_of_a_statement(database: Database) -> None:
    turns = Counted()
    with reading(database, turns) as connection:
        assert turns.times == 0
        assert turns.count(connection) == ROWS, "giving way interrupts nothing"
        assert turns.times > 100
        before = turns.times
        turns.count(connection)
        assert turns.times > before + 100, "in each statement"


def test_who_has_the_connection_next_gives_way_to_nobody(database: Database) -> None:
    turns = Counted()
    with reading(database, turns) as connection:
        lent = raw(connection)
    with pytest.raises(ZeroDivisionError), reading(database, turns):
        1 / 0  # noqa: B018  (what a thread does may fail)
    with database.read() as connection:
        assert raw(connection) is lent, "the pool lends the same one"
        assert turns.count(connection) == ROWS
    assert turns.times == 0


def raw(connection: Connection) -> sqlite3.Connection:
    return connection.connection.dbapi_connection
