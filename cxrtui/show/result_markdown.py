"""Results as markdown."""

from collections.abc import Iterator

from cxrtui.show.grid import grid_markdown, markdown_text
from cxrtui.show.result_parts import Results, further_grids
from cxrtui.show.result_rows import both, drawn_rows, footnotes
from cxrtui.show.stage_table import saving_sentence, stage_grid
from jobs.published import Published
from jobs.results import ResultTable


def results_markdown(results: Results) -> str:
    """The parts, an empty line between them."""
    return "\n".join(_parts(results))


def _parts(results: Results) -> Iterator[str]:
    if results.stages:
        yield grid_markdown(stage_grid(results.stages, results.published, with_costs=True))
    if results.saving is not None:
        yield markdown_text(saving_sentence(results.saving)) + "\n"
    if results.table is not None:
        yield _table(results.table, results.published)
    for grid in further_grids(results):
        yield grid_markdown(grid)
    if results.table is not None and results.published is not None:
        yield "".join(f"- {markdown_text(note)}\n" for note in footnotes(results.published))
    for remark in results.remarks:
        yield markdown_text(remark) + "\n"


def _table(table: ResultTable, published: Published | None) -> str:
    titles = [markdown_text(title) for title in table.columns]
    lines = [["Label", *titles], ["---"] * (len(titles) + 1)]
    for row in drawn_rows(table, published):
        texts = [
            both(cell, finished, "**{}**".format)
            + (f" ({printed.dev:.3f} / {printed.test:.3f})" if printed else "")
            for cell, finished, printed in zip(
                row.cells, table.finished, row.published, strict=True
            )
        ]
        lines.append([markdown_text(row.title), *texts])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
