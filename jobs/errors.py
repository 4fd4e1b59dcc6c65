"""The exceptions of this package; their text is one line for a person."""


class JobsError(Exception):
    """Base of all errors that a person is told in one line."""


class InputError(JobsError):
    """Something that a person gave is wrong: a file, a line, a column, an option (exit code 2)."""


class NoRoomError(InputError):
    """The disk has too little room for what is to be written."""


class DamagedError(JobsError):
    """A file that cxrtui wrote is not what it was when it was written."""
