"""Results as text for a terminal, for a document, for a program."""

import io
import json
from typing import Final, Literal, get_args

from rich.console import Console, Group, RenderableType
from rich.text import Text

from cxrtui.show.grid import grid_table
from cxrtui.show.plain import plain
from cxrtui.show.result_csv import results_csv
from cxrtui.show.result_html import results_html
from cxrtui.show.result_json import results_json
from cxrtui.show.result_markdown import results_markdown
from cxrtui.show.result_parts import Results, further_grids
from cxrtui.show.result_table import published_notes, result_table
from cxrtui.show.stage_table import stage_tables

Format = Literal["table", "markdown", "csv", "json", "html"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)


def render(results: Results, format: Format, width: int = 120) -> str:
    """Results in one of `FORMATS`, ending with a newline; `width` is for `table` alone.

    No colours and no control characters are in it.
    """
    if format == "markdown":
        return results_markdown(results)
    if format == "csv":
        return results_csv(results)
    if format == "json":
        return json.dumps(results_json(results), indent=2, allow_nan=False) + "\n"
    if format == "html":
        return results_html(results)
    file = io.StringIO()
    console = Console(file=file, width=width, color_system=None, highlight=False, markup=False)
    console.print(results_table(results, width))
    return "".join(line.rstrip() + "\n" for line in file.getvalue().splitlines())


def results_table(results: Results, width: int) -> RenderableType:
    """All parts for a terminal of `width` columns, an empty line between them."""
    parts: list[RenderableType] = []
    if results.stages:
        parts.append(stage_tables(results.stages, results.published, results.saving, width))
    if results.table is not None:
        parts.append(result_table(results.table, width, results.published))
    parts += [grid_table(grid, width) for grid in further_grids(results, width)]
    if results.table is not None and results.published is not None:
        parts.append(published_notes(results.published))
    parts += [Text(plain(remark), "dim") for remark in results.remarks]
    spaced = [part for one in parts for part in (Text(), one)]
    return Group(*spaced[1:])
