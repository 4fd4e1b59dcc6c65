"""A field for one line of text, which may have been pasted from anywhere."""

from textual.widgets import Input

from cxrtui.show.plain import plain_line


class Field(Input):
    """Takes no control characters and no escape codes."""

    def validate_value(self, value: str) -> str:
        """The text as it is shown and used."""
        return plain_line(value)
