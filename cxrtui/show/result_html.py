"""Results as one HTML page that needs nothing else."""

from html import escape
from typing import Final

from cxrtui.show.grid import grid_html
from cxrtui.show.plain import plain
from cxrtui.show.result_parts import Results, further_grids
from cxrtui.show.result_rows import DrawnRow, both, drawn_rows, footnotes
from cxrtui.show.stage_table import saving_sentence, stage_grid
from jobs.published import Published
from jobs.results import ResultTable

_STYLE: Final = """\
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; }
table { border-collapse: collapse; margin: 1em 0; }
th, td { padding: .15em .8em; text-align: left; white-space: pre; }
td { font-variant-numeric: tabular-nums; }
.section > * { padding-top: .7em; }
.number { text-align: right; }
thead th { border-bottom: 1px solid; white-space: normal; vertical-align: bottom; }
tbody th { font-weight: normal; }
tbody.means tr:first-child > * { border-top: 1px solid; }
h2 { font-size: 1.1em; margin: 1.5em 0 0; }
small { color: #767676; }
@media (prefers-color-scheme: dark) { body { background: #111; color: #ddd; } }"""
_LEGEND: Final = "AP, development / test. Bold: the best so far in its row."


def results_html(results: Results) -> str:
    """A whole page."""
    name = escape(plain(results.recipe))
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
{"".join(_parts(results))}</body>
</html>
"""


def _parts(results: Results) -> list[str]:
    published = results.published
    parts = []
    if results.stages:
        parts.append(grid_html(stage_grid(results.stages, published, with_costs=True)))
    if results.saving is not None:
        parts.append(f"<p>{escape(plain(saving_sentence(results.saving)))}</p>\n")
    if results.table is not None:
        parts.append(_table(results.table, published))
    parts += [grid_html(grid) for grid in further_grids(results)]
    notes = footnotes(published) if results.table is not None and published is not None else ()
    texts = "<br>\n".join(escape(plain(note)) for note in (*notes, *results.remarks))
    return [*parts, f"<p><small>{texts}</small></p>\n"] if texts else parts


def _table(table: ResultTable, published: Published | None) -> str:
    heads = "".join(f"<th>{escape(plain(title))}</th>" for title in table.columns)
    rows = list(drawn_rows(table, published))
    labels = "".join(_row(table, row) for row in rows if row.label is not None)
    means = "".join(_row(table, row) for row in rows if row.label is None)
    return f"""<p>{_LEGEND}{" Grey: published." if published else ""}</p>
<table>
<thead><tr><th>Label</th>{heads}</tr></thead>
<tbody>
{labels}</tbody>
<tbody class="means">
{means}</tbody>
</table>
"""


def _row(table: ResultTable, row: DrawnRow) -> str:
    texts = [
        both(cell, finished, "<b>{}</b>".format)
        + (f"<br><small>{printed.dev:.3f} / {printed.test:.3f}</small>" if printed else "")
        for cell, finished, printed in zip(row.cells, table.finished, row.published, strict=True)
    ]
    drawn = "".join(f"<td>{text}</td>" for text in texts)
    return f"<tr><th>{escape(plain(row.title))}</th>{drawn}</tr>\n"
