"""The result table as text for a terminal, for a document, for a program."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from html import escape
from typing import Final, Literal, get_args

from rich.console import Console

from cxrtui.show.plain import plain
from cxrtui.show.result_table import footnotes, published_mean, result_table, written
from jobs.published import Published, PublishedCell
from jobs.results import Cell, Finished, ResultTable, to_json

Format = Literal["table", "markdown", "csv", "json", "html"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)

_STYLE: Final = """\
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; }
table { border-collapse: collapse; }
th, td { padding: .15em .8em; text-align: left; white-space: nowrap; }
td { font-variant-numeric: tabular-nums; }
thead th { border-bottom: 1px solid; }
tbody.means tr:first-child > * { border-top: 1px solid; }
small { color: #767676; }
@media (prefers-color-scheme: dark) { body { background: #111; color: #ddd; } }"""


def render(
    table: ResultTable, format: Format, published: Published | None = None, width: int = 120
) -> str:
    """The table in one of `FORMATS`, ending with a newline; `width` is for `table` alone.

    `published` adds the numbers of a publication to every cell that has one. No colours and no
    control characters are in it.
    """
    if format == "table":
        return _terminal(table, published, width)
    if format == "markdown":
        return _markdown(table, published)
    if format == "csv":
        return _csv(table, published)
    if format == "json":
        return json.dumps(document(table, published), indent=2, allow_nan=False) + "\n"
    return _html(table, published)


def document(table: ResultTable, published: Published | None = None) -> dict[str, object]:
    """The JSON document; `published` adds its own table in the same shape."""
    found: dict[str, object] = to_json(table)
    if published is not None:
        found["published"] = {
            "citation": published.citation,
            "columns": list(published.columns),
            "rows": [
                {"label": row.label, "cells": [vars(cell) for cell in row.cells]}
                for row in published.rows
            ],
            "mean": {"cells": [vars(cell) for cell in published.mean.cells]},
            "notes": list(published.notes),
        }
    return found


def _terminal(table: ResultTable, published: Published | None, width: int) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, color_system=None, highlight=False, markup=False)
    console.print(result_table(table, width, published))
    return "".join(line.rstrip() + "\n" for line in file.getvalue().splitlines())


def _lines(
    table: ResultTable, published: Published | None
) -> Iterator[tuple[str, list[tuple[Cell, Finished, PublishedCell | None]]]]:
    """Every row that is drawn: labels, group means, and the mean last."""
    for row in table.rows:
        beside = [published.cell(row.label, one) if published else None for one in table.columns]
        yield plain(row.label), list(zip(row.cells, table.finished, beside, strict=True))
    for group, cells in table.groups.items():
        nothing = [None] * len(cells)
        yield f"mean of {group}", list(zip(cells, table.finished, nothing, strict=True))
    means = [published_mean(published, one) if published else None for one in table.columns]
    yield "Mean", list(zip(table.mean, table.finished, means, strict=True))


def _both(cell: Cell, finished: Finished, strong: Callable[[str], str]) -> str:
    dev, test = written(cell.dev, finished.dev), written(cell.test, finished.test)
    dev = strong(dev) if cell.best_dev else dev
    return f"{dev} / {strong(test) if cell.best_test else test}"


def _markdown(table: ResultTable, published: Published | None) -> str:
    titles = [_markdown_text(title) for title in table.columns]
    lines = [["Label", *titles], ["---"] * (len(titles) + 1)]
    for label, cells in _lines(table, published):
        texts = [
            _both(cell, finished, "**{}**".format)
            + (f" ({printed.dev:.3f} / {printed.test:.3f})" if printed else "")
            for cell, finished, printed in cells
        ]
        lines.append([_markdown_text(label), *texts])
    text = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    if published is not None:
        text += "\n" + "".join(f"- {_markdown_text(note)}\n" for note in footnotes(published))
    return text


def _markdown_text(text: str) -> str:
    safe = " ".join(plain(text).split())
    for sign in "\\`*_[]<>|":
        safe = safe.replace(sign, f"\\{sign}")
    return safe


def _csv(table: ResultTable, published: Published | None) -> str:
    """One line a label with unrounded values; what is undefined or unfinished is empty."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    kinds = ("dev", "test") + (("published dev", "published test") if published else ())
    titles = [f"{plain(title)} {kind}" for title in table.columns for kind in kinds]
    writer.writerow(["label", "group", "positives dev", "positives test", *titles])
    about = [(row.group, row.positives_dev, row.positives_test) for row in table.rows]
    means = [(group, None, None) for group in table.groups]
    for known, (label, cells) in zip(
        [*about, *means, (None, None, None)], _lines(table, published), strict=True
    ):
        values: list[float | None] = []
        for cell, _, printed in cells:
            values += (cell.dev, cell.test)
            if published is not None:
                values += (printed.dev, printed.test) if printed else (None, None)
        writer.writerow([label, *known, *values])
    return file.getvalue()


def _html(table: ResultTable, published: Published | None) -> str:
    name = escape(plain(table.recipe))
    heads = "".join(f"<th>{escape(plain(title))}</th>" for title in table.columns)
    lines = [_html_row(label, cells) for label, cells in _lines(table, published)]
    labels = len(table.rows)
    notes = footnotes(published) if published else ()
    legend = "AP, development / test. Bold: the best so far in its row."
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{name}: results</title>
<style>
{_STYLE}
</style>
</head>
<body>
<h1>{name}</h1>
<p>{legend}{" Grey: published." if published else ""}</p>
<table>
<thead><tr><th>Label</th>{heads}</tr></thead>
<tbody>
{"".join(lines[:labels])}</tbody>
<tbody class="means">
{"".join(lines[labels:])}</tbody>
</table>
{"".join(f"<p><small>{escape(plain(note))}</small></p>" for note in notes)}
</body>
</html>
"""


def _html_row(label: str, cells: list[tuple[Cell, Finished, PublishedCell | None]]) -> str:
    texts = [
        _both(cell, finished, "<b>{}</b>".format)
        + (f"<br><small>{printed.dev:.3f} / {printed.test:.3f}</small>" if printed else "")
        for cell, finished, printed in cells
    ]
    drawn = "".join(f"<td>{text}</td>" for text in texts)
    return f"<tr><th>{escape(label)}</th>{drawn}</tr>\n"
