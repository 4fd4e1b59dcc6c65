"""Queries on the outbox: commands of the workspace's owner that are still to be run."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from db.schema import outbox


@dataclass(frozen=True)
class OutboxRecord:
    """One command that is to be run."""

    id: int
    event: str
    values: dict[str, str]  # environment variables
    tries: int


def put(connection: Connection, event: str, values: dict[str, str]) -> None:
    """Ask for the command of an event, in the transaction that makes it true."""
    connection.execute(insert(outbox).values({"event": event, "values": values, "tries": 0}))


def first(connection: Connection) -> OutboxRecord | None:
    """The oldest."""
    row = connection.execute(select(outbox).order_by(outbox.c.id).limit(1)).first()
    return None if row is None else OutboxRecord(*row)


def count_try(connection: Connection, record_id: int) -> None:
    """It was tried once more, in vain."""
    tried = update(outbox).where(outbox.c.id == record_id)
    connection.execute(tried.values(tries=outbox.c.tries + 1))


def remove(connection: Connection, record_id: int) -> None:
    """It is done, or given up."""
    connection.execute(delete(outbox).where(outbox.c.id == record_id))
