"""A small table of texts that every format can draw: terminal, markdown, HTML."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cxrtui.show.plain import plain

WIDE: Final = 2  # between columns, where there is room
_LABEL_WIDTH: Final = 18  # of what a row is called, before it goes on in a second line


@dataclass(frozen=True)
class Grid:
    """A title, a heading, rows of cells, and notes below; texts may come from outside."""

    title: str
    columns: tuple[str, ...]  # a line break is drawn as such where there are lines
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    left: int = 1  # leading columns that are texts; the others are numbers, set to the right
    dim_columns: frozenset[int] = frozenset()
    italic_rows: frozenset[int] = frozenset()
    section_rows: frozenset[int] = frozenset()  # an empty line before these


def grid_table(grid: Grid, width: int) -> RenderableType:
    """For a terminal of `width` columns; what does not fit beside follows in further tables."""
    parts: list[RenderableType] = [Text(plain(grid.title), "bold")] if grid.title else []
    gap = 1 if len(list(_blocks(grid, width, 1))) < len(list(_blocks(grid, width, WIDE))) else WIDE
    for number, columns in enumerate(_blocks(grid, width, gap)):
        parts += [Text()] if number else []
        parts.append(_block(grid, columns, width, gap))
    parts += [Text(plain(note), "dim") for note in grid.notes]
    return Group(*parts)


def fits(grid: Grid, width: int) -> bool:
    """Whether all columns fit beside each other with room between them, nothing folded."""
    widths = _widths(grid)
    return sum(widths) + WIDE * (len(widths) - 1) <= width


def grid_markdown(grid: Grid) -> str:
    """Lines of markdown, ending with a newline."""
    lines = [f"**{markdown_text(grid.title)}**\n\n"] if grid.title else []
    rule = ("---",) * grid.left + ("---:",) * (len(grid.columns) - grid.left)
    heading = tuple(markdown_text(title) for title in grid.columns)
    body = (tuple(map(markdown_text, row)) for row in grid.rows)
    lines += [f"| {' | '.join(row)} |\n" for row in (heading, rule, *body)]
    notes = "".join(f"\n{markdown_text(note)}\n" for note in grid.notes)
    return "".join(lines) + notes


def grid_html(grid: Grid) -> str:
    """A heading, a table and its notes as a fragment of a page."""
    title = f"<h2>{escape(plain(grid.title))}</h2>\n" if grid.title else ""
    heads = "".join(
        f"<th{_number(grid, column)}>{_html_text(text)}</th>"
        for column, text in enumerate(grid.columns)
    )
    rows = "".join(_html_row(grid, number) for number in range(len(grid.rows)))
    texts = "<br>\n".join(escape(plain(note)) for note in grid.notes)
    notes = f"<p><small>{texts}</small></p>\n" if texts else ""
    head, body = f"<thead><tr>{heads}</tr></thead>", f"<tbody>\n{rows}</tbody>"
    return f"{title}<table>\n{head}\n{body}\n</table>\n{notes}"


def markdown_text(text: str) -> str:
    """Text that markdown takes for nothing but text, in one line."""
    safe = " ".join(_one_line(plain(text)).split())
    for sign in "\\`*_[]<>|~":
        safe = safe.replace(sign, f"\\{sign}")
    return safe


def _one_line(text: str) -> str:
    return text.replace("-\n", "-").replace("\n", " ")


def _html_row(grid: Grid, number: int) -> str:
    cells = (
        f"<th>{_html_text(text)}</th>"
        if column == 0
        else f"<td{_number(grid, column)}>{_html_text(text)}</td>"
        for column, text in enumerate(grid.rows[number])
    )
    section = ' class="section"' if number in grid.section_rows else ""
    return f"<tr{section}>{''.join(cells)}</tr>\n"


def _html_text(text: str) -> str:
    return escape(_one_line(plain(text)))


def _number(grid: Grid, column: int) -> str:
    return "" if column < grid.left else ' class="number"'


def _widths(grid: Grid) -> list[int]:
    texts = zip(grid.columns, *grid.rows, strict=True)
    return [max(cell_len(line) for text in one for line in _lines(text)) for one in texts]


def _lines(text: str) -> list[str]:
    return plain(text).split("\n")


def _blocks(grid: Grid, width: int, gap: int) -> Iterator[list[int]]:
    """Runs of columns that fit beside each other, the first column always with them."""
    widths = _widths(grid)
    least = min(widths[0], _LABEL_WIDTH)
    block, used = [0], least
    for column in range(1, len(widths)):
        need = widths[column] + gap
        if len(block) > 1 and used + need > width:
            yield block
            block, used = [0], least
        block.append(column)
        used += need
    yield block


def _block(grid: Grid, columns: Sequence[int], width: int, gap: int) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold")
    widths = _widths(grid)
    room = width - sum(widths[column] + gap for column in columns[1:])
    for column in columns:
        is_first = column == columns[0]
        table.add_column(
            Text(plain(grid.columns[column])),
            justify="left" if column < grid.left else "right",
            style="dim" if column in grid.dim_columns else "",
            no_wrap=not is_first,
            overflow="fold",
            width=max(1, min(widths[0], room)) if is_first else None,
        )
    for number, row in enumerate(grid.rows):
        if number in grid.section_rows:
            table.add_row()
        style = "italic" if number in grid.italic_rows else ""
        table.add_row(*(Text(plain(row[column]), style) for column in columns))
    return table
