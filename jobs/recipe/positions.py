"""Where in a TOML text each table, key and array element stands: tomllib does not say."""

import re
import tomllib
from typing import Final

TomlPath = tuple[str | int, ...]

_TOKEN: Final = re.compile(
    r"""
      (?P<string> \"{3} (?:\\.|[^\\])*? \"{3} \"{0,2} | '{3} .*? '{3} '{0,2}
                | \" (?:\\.|[^"\\])* \" | ' [^']* ' )
    | (?P<skip> \#[^\n]* | [ \t\r]+ )
    | (?P<mark> [\n\[\]{}=,.] )
    | (?P<bare> [^\s\[\]{}=,.\#"']+ )
    """,
    re.VERBOSE | re.DOTALL,
)
_END: Final = ""


class Positions:
    """Lines (from 1) of everything in a TOML text that tomllib has accepted."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._next = 0
        self._lines: dict[TomlPath, int] = {(): 1}
        self._counts: dict[TomlPath, int] = {}  # tables so far of each [[array]]
        table: TomlPath = ()
        while self._peek() != _END:
            if self._peek() == "\n":
                self._take()
            elif self._peek() == "[":
                table = self._header()
            else:
                self._assignment(table)

    def line(self, path: TomlPath) -> int:
        """The line of `path`, or of the nearest table around it."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def _header(self) -> TomlPath:
        self._take()
        array = self._peek() == "["
        if array:
            self._take()
        line = self._line()
        *front, last = self._key()
        for _ in range(2 if array else 1):
            self._take()  # the closing brackets
        table: TomlPath = ()
        for part in front:
            table = self._inside((*table, part))
        table = (*table, last)
        if array:
            self._counts[table] = self._counts.get(table, 0) + 1
            table = self._inside(table)
        self._found(table, line)
        return table

    def _inside(self, table: TomlPath) -> TomlPath:
        """A name of an array of tables means the last of them."""
        return (*table, self._counts[table] - 1) if table in self._counts else table

    def _assignment(self, table: TomlPath) -> None:
        line = self._line()
        path = (*table, *self._key())
        self._found(path, line)
        self._take()  # =
        self._value(path)

    def _value(self, path: TomlPath) -> None:
        if self._peek() == "[":
            self._array(path)
        elif self._peek() == "{":
            self._inline_table(path)
        else:
            while self._peek() not in {"\n", ",", "]", "}", _END}:
                self._take()

    def _array(self, path: TomlPath) -> None:
        self._take()
        index = 0
        while self._peek() != "]":
            if self._peek() in {"\n", ","}:
                self._take()
                continue
            self._found((*path, index), self._line())
            self._value((*path, index))
            index += 1
        self._take()

    def _inline_table(self, path: TomlPath) -> None:
        self._take()
        while self._peek() != "}":
            if self._peek() in {"\n", ","}:
                self._take()
            else:
                self._assignment(path)
        self._take()

    def _key(self) -> tuple[str, ...]:
        parts = [_unquoted(self._take())]
        while self._peek() == ".":
            self._take()
            parts.append(_unquoted(self._take()))
        return tuple(parts)

    def _found(self, path: TomlPath, line: int) -> None:
        for length in range(1, len(path) + 1):
            self._lines.setdefault(path[:length], line)

    def _peek(self) -> str:
        return self._tokens[self._next][0]

    def _line(self) -> int:
        return self._tokens[self._next][1]

    def _take(self) -> str:
        token = self._peek()
        self._next += token != _END
        return token


def _tokens(text: str) -> list[tuple[str, int]]:
    tokens, line = [], 1
    for match in _TOKEN.finditer(text):
        token = match.group()
        if match.lastgroup != "skip":
            tokens.append((token, line))
        line += token.count("\n")
    return [*tokens, (_END, line)]


def _unquoted(token: str) -> str:
    if token[0] in "\"'":
        return str(tomllib.loads(f"key = {token}")["key"])
    return token
