"""Collects what is wrong in a recipe, with the line of each thing."""

from typing import Any

from jobs.recipe.positions import Positions, TomlPath
from jobs.recipe.problem import Problem

Table = dict[str, Any]


class Report:
    """The problems of one file; fields are named by a path such as ("models", 3, "stage")."""

    def __init__(self, text: str, raw: Table) -> None:
        """`raw` is what tomllib made of `text`."""
        self._positions = Positions(text)
        self._raw = raw
        self._problems: set[Problem] = set()

    @property
    def problems(self) -> list[Problem]:
        """All problems, in the order of the file."""
        return sorted(self._problems)

    def add(self, path: TomlPath, message: str) -> None:
        """Something is wrong at `path`."""
        field, message = (_one_line(text) for text in (self._in_words(path), message))
        self._problems.add(Problem(self.line(path), field, message))

    def line(self, path: TomlPath) -> int:
        """The line of `path`, or of the table around it where the file does not have it."""
        return self._positions.line(path)

    def _in_words(self, path: TomlPath) -> str:
        words, value = "", self._raw
        for part in path:
            value = _inside(value, part)
            if isinstance(part, int):
                name = entry_name(value)
                words += f".{name}" if name else f"[{part}]"
            else:
                words += f".{part}" if words else part
        return words


def entry_name(entry: Any) -> str | None:
    """The name of an entry (of a column the title), where it has one."""
    name = entry.get("name", entry.get("title")) if isinstance(entry, dict) else None
    return name if isinstance(name, str) and name else None


def _one_line(text: str) -> str:
    return text.replace("\r", "\\r").replace("\n", "\\n")


def _inside(value: Any, part: str | int) -> Any:
    if isinstance(value, dict) and isinstance(part, str):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None
