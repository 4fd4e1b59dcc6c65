"""What is wrong in a recipe, in words for a person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from pydantic import BaseModel
from pydantic_core import ErrorDetails

LONGEST: Final = 60  # characters of a found value that are shown

_KINDS: Final = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "string_pattern_mismatch": (
        "1 to 64 letters, digits, '.', '_' or '-', of which the first is a letter or a digit"
    ),
}
_BOUNDS: Final = {
    "ge": "at least {}",
    "gt": "more than {}",
    "le": "at most {}",
    "lt": "less than {}",
    "min_length": "a length of at least {}",
    "max_length": "a length of at most {}",
}


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: `line` counts from 1, `field` is a path as models.model3.stage."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.line}: {self.field}: {self.message}" if self.field else self._bare()

    def _bare(self) -> str:
        return f"{self.line}: {self.message}"


def nearest(wrong: str, known: Iterable[str]) -> str:
    """The end of a message: the known name that was perhaps meant, else all known names."""
    names = list(dict.fromkeys(known))
    close = get_close_matches(wrong, names, n=1, cutoff=0.5)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; known are: {', '.join(names)}" if names else ""


def found(value: object) -> str:
    """A value of a recipe as its author would write it, cut where it is long."""
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, str):
        text = f"'{value}'"
    elif isinstance(value, Mapping):
        text = "a table"
    elif isinstance(value, list | tuple):
        text = "[" + ", ".join(found(item) for item in value) + "]"
    else:
        text = str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def in_words(error: ErrorDetails, schema: type[BaseModel]) -> str:
    """One plain line for an error that pydantic raised for `schema`."""
    kind, location = error["type"], error["loc"]
    bounds = _bounds(schema, location)
    if kind == "extra_forbidden":
        return "unknown field" + nearest(str(location[-1]), _owner(schema, location).model_fields)
    if kind == "missing":
        return "missing" + (f"; it must be {bounds}" if bounds else "")
    if kind == "literal_error":
        allowed = str(error["ctx"]["expected"])
    else:
        allowed = _KINDS.get(kind) or bounds or error["msg"]
    return f"found {found(error['input'])}; allowed: {allowed}"


def _owner(schema: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel]:
    """The settings class whose field stands at `location`."""
    for name in location[:-1]:
        for inner in _classes(schema, name):
            schema = inner
    return schema


def _classes(schema: type[BaseModel], name: int | str) -> list[type[BaseModel]]:
    field = schema.model_fields.get(str(name))
    if field is None:
        return []
    parts = getattr(field.annotation, "__args__", (field.annotation,))
    return [part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)]


def _bounds(schema: type[BaseModel], location: tuple[int | str, ...]) -> str:
    """What the schema allows at `location`: "at least 32 and at most 2048"."""
    field = _owner(schema, location).model_fields.get(str(location[-1]))
    limits = {
        name: getattr(part, name)
        for part in (field.metadata if field else ())
        for name in _BOUNDS
        if getattr(part, name, None) is not None
    }
    return " and ".join(_BOUNDS[name].format(limit) for name, limit in limits.items())
