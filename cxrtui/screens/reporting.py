"""How threads report to the screens: to whom, and which failures in what words."""

from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from textual.message import Message

from db.errors import DatabaseError
from jobs.errors import JobsError

Post = Callable[[Message], object]

# What can be wrong with a workspace and its files; the person is told, and the screen goes on.
FAILURES: Final = (JobsError, DatabaseError, SQLAlchemyError, OSError)


def in_a_line(error: Exception) -> str:
    """Why it failed, in one line; the kind of the error where that is all it says."""
    return (str(error).splitlines() or [type(error).__name__])[0]
