"""Where words are typed that a job must have."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from cxrtui.screens.field import Field


class FilterField(Field):
    """Every key narrows the table at once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "keep", tooltip="keep these words, back to the table"),
        Binding("escape", "screen.back", "all jobs", tooltip="forget them, back to the table"),
    ]
