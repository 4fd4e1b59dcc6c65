"""Opening the database: one engine that writes, one that only reads."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event

from db.errors import DatabaseError
from db.schema import SCHEMA_VERSION, journal_state, metadata

OLDEST_SQLITE: Final = (3, 35, 0)  # UPDATE ... RETURNING
BUSY_MS: Final = 60_000
# The shared memory of WAL does not work across hosts.
NETWORK_FILE_SYSTEMS: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "lustre", "gpfs", "beegfs", "ceph", "fuse.sshfs", "9p", "afs"}
)


class Database:
    """The database of one workspace. Made on first use; an older or newer schema is refused."""

    def __init__(self, path: Path) -> None:
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise DatabaseError(
                f"SQLite {sqlite3.sqlite_version} is too old: cxrtui needs 3.35 or newer"
            )
        self.path = path
        self._writer = _engine(path)
        event.listen(self._writer, "begin", _begin_immediate)
        self._reader = _engine(path, query_only=True).execution_options(
            isolation_level="AUTOCOMMIT"
        )
        self._make_schema()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that holds the write lock from its first moment."""
        with self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that cannot write and holds no snapshot between statements."""
        with self._reader.connect() as connection:
            yield connection

    def close(self) -> None:
        """Close both engines."""
        self._writer.dispose()
        self._reader.dispose()

    def _make_schema(self) -> None:
        with self.write() as connection:
            version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
            if version == 0:
                metadata.create_all(connection)
                connection.execute(journal_state.insert().values(id=1, offset=0, frozen=0, busy=0))
                connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
            elif version != SCHEMA_VERSION:
                raise DatabaseError(
                    f"{self.path}: schema {version}, this cxrtui needs {SCHEMA_VERSION}: "
                    "run `cxrtui workspace rebuild`"
                )


def on_network_file_system(path: Path, mounts: Path = Path("/proc/mounts")) -> bool:
    """Whether `path` lies on a file system that several hosts can mount."""
    best, kind = "", ""
    for line in mounts.read_text().splitlines() if mounts.exists() else ():
        _, mounted, file_system, *_ = line.split()
        inside = Path(mounted) in (path, *path.parents)
        if inside and len(mounted) >= len(best):
            best, kind = mounted, file_system
    return kind in NETWORK_FILE_SYSTEMS


def _engine(path: Path, *, query_only: bool = False) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_MS / 1000})
    journal = "DELETE" if on_network_file_system(path.resolve()) else "WAL"

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's events say when a transaction begins
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA query_only = {int(query_only)}")

    return engine


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
