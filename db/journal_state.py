"""How far the journal has been applied to this database."""

from sqlalchemy import Connection, select, update

from db.schema import journal_state


def applied_offset(connection: Connection) -> int:
    """Bytes of the journal that are in the database."""
    return int(connection.execute(select(journal_state.c.offset)).scalar_one())


def set_applied_offset(connection: Connection, offset: int) -> None:
    """Record how many bytes of the journal are in the database."""
    connection.execute(update(journal_state).values(offset=offset))


def is_frozen(connection: Connection) -> bool:
    """Whether nothing new may start."""
    return bool(connection.execute(select(journal_state.c.frozen)).scalar_one())


def set_frozen(connection: Connection, frozen: bool) -> None:
    """Freeze or thaw the queue."""
    connection.execute(update(journal_state).values(frozen=int(frozen)))
