"""The exceptions of this package; their text is one line for a person."""


class DatabaseError(Exception):
    """The database cannot be used as it is."""


class UnavailableError(DatabaseError):
    """The database cannot be used at this moment: locked, or its disk is full or read-only."""
