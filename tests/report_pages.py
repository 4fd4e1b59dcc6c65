"""A page of a report as its readers find it: tables, headings, links, pictures."""

import base64
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "img", "br", "path", "rect", "circle"})


@dataclass
class Table:
    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)


class ParsedPage(HTMLParser):
    """What is on a page; it refuses elements that are not closed in their order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: list[Table] = []
        self.headings: list[tuple[str, str]] = []
        self.attributes: list[tuple[str, str, str | None]] = []  # element, name, value
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def values(self, name: str) -> list[str]:
        """The values of one attribute, wherever it stands."""
        return [value or "" for _, known, value in self.attributes if known == name]

    def table(self, caption: str) -> Table:
        return next(table for table in self.tables if table.caption == caption)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)
        if tag == "table":
            self.tables.append(Table())
        elif tag == "tr":
            self.tables[-1].rows.append([])
        elif tag in ("th", "td"):
            self.tables[-1].rows[-1].append("")
        elif re.fullmatch("h[1-6]", tag):
            self.headings.append((tag, ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self.text += data
        if {"th", "td"} & set(self._open):
            self.tables[-1].rows[-1][-1] += data
        elif "caption" in self._open:
            self.tables[-1].caption += data
        elif self.headings and self._open[-1] == self.headings[-1][0]:
            tag, text = self.headings[-1]
            self.headings[-1] = (tag, text + data)


def pictures(text: str) -> list[bytes]:
    """The contents of all pictures on a page."""
    return [base64.b64decode(data) for data in re.findall(r"base64,([A-Za-z0-9+/=]+)", text)]
