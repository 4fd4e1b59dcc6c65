"""Opening the database: one engine that writes, one that only reads."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError

from db.errors import DatabaseError, UnavailableError
from db.read_only import read_only_options
from db.schema import SCHEMA_VERSION, journal_state, metadata

OLDEST_SQLITE: Final = (3, 35, 0)  # UPDATE ... RETURNING
BUSY_MS: Final = 60_000
# The shared memory of WAL does not work across hosts.
NETWORK_FILE_SYSTEMS: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "lustre", "gpfs", "beegfs", "ceph", "fuse.sshfs", "9p", "afs"}
)


class Database:
    """The database of one workspace. Made on first use; an older or newer schema is refused.

    In a folder that cannot be written it is only read.
    """

    def __init__(self, path: Path) -> None:
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise DatabaseError(
                f"SQLite {sqlite3.sqlite_version} is too old: cxrtui needs 3.35 or newer"
            )
        self.path = path
        self.can_write = os.access(path.parent, os.W_OK)
        self._writer = _engine(path)
        event.listen(self._writer, "begin", _begin_immediate)
        reader = _engine(path, query_only=True) if self.can_write else _read_only_engine(path)
        self._reader = reader.execution_options(isolation_level="AUTOCOMMIT")
        self._check_schema()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that holds the write lock from its first moment.

        UnavailableError if it cannot be had or cannot be kept; then nothing has been written.
        """
        if not self.can_write:
            raise UnavailableError(f"{self.path}: this folder is read-only: nothing can be changed")
        with self._told(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that cannot write and holds no snapshot between statements."""
        with self._told(), self._reader.connect() as connection:
            yield connection

    def close(self) -> None:
        """Close both engines."""
        self._writer.dispose()
        self._reader.dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            raise UnavailableError(f"{self.path}: {error.orig}") from error

    def _check_schema(self) -> None:
        version = self._version()
        if version == 0 and self.can_write:
            with self.write() as connection:
                if not connection.exec_driver_sql("PRAGMA user_version").scalar_one():
                    metadata.create_all(connection)
                    connection.execute(journal_state.insert().values(id=1, offset=0, frozen=0))
                    connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
            version = self._version()
        if version != SCHEMA_VERSION:
            raise DatabaseError(
                f"{self.path}: schema {version}, this cxrtui needs {SCHEMA_VERSION}: "
                "run `cxrtui workspace rebuild`"
            )

    def _version(self) -> int:
        with self.read() as connection:
            return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())


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
    address = URL.create("sqlite", database=str(path))
    engine = create_engine(address, connect_args={"timeout": BUSY_MS / 1000})
    journal = "DELETE" if on_network_file_system(path.resolve()) else "WAL"
    # A power cut may undo the last commits of a WAL, all of whose facts stand in fsynced files too;
    # so a commit need not wait for the disk.
    durability = "NORMAL" if journal == "WAL" else "FULL"

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's events say when a transaction begins
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute(f"PRAGMA synchronous = {durability}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA query_only = {int(query_only)}")

    return engine


def _read_only_engine(path: Path) -> Engine:
    how = {"uri": "true", **read_only_options(path)}
    address = URL.create("sqlite", database=f"file:{quote(str(path))}", query=how)
    return create_engine(address, connect_args={"timeout": BUSY_MS / 1000})


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
