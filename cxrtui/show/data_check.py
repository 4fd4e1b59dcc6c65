"""What a data folder holds, for a person and for scripts."""

from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.table import Table
from rich.text import Text

from cxrtui.output import console, print_text
from cxrtui.show.plain import plain
from jobs.data.check import DataCheck

SHOWN_PROBLEMS: Final = 20


def data_document(checked: DataCheck) -> dict[str, object]:
    """The JSON that scripts rely on."""
    return {
        "rows": checked.rows,
        "patients": checked.patients,
        "studies": checked.studies,
        "views": checked.views,
        "labels": [asdict(label) for label in checked.labels],
        "splits": {name: asdict(split) for name, split in checked.splits.items()},
        "problems": [asdict(problem) for problem in checked.problems],
    }


def show_data(folder: Path, checked: DataCheck) -> None:
    """Counts, then the first problems."""
    print_text(
        f"{folder}: {checked.rows:,} images of {checked.studies:,} studies "
        f"and {checked.patients:,} patients"
    )
    views = ", ".join(f"{view or '(none)'} {count:,}" for view, count in checked.views.items())
    print_text(f"views: {views}")
    console.print(_table(checked))
    for problem in checked.problems[:SHOWN_PROBLEMS]:
        print_text(
            f"{problem.file}, line {problem.row}, column {problem.column!r}: "
            f"{problem.found!r}: {problem.problem}"
        )
    more = len(checked.problems) - SHOWN_PROBLEMS
    if more > 0:
        print_text(f"and {more:,} more problems: --json lists all")
    count = len(checked.problems)
    print_text("no problems" if not count else f"{count:,} problem{'s' if count > 1 else ''}")


def _table(checked: DataCheck) -> Table:
    """Rows, patients and studies of each split, then each label's positives."""
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for name in checked.splits:
        table.add_column(name, justify="right")
    table.add_column("group")
    for what in ("rows", "patients", "studies"):
        counts = (asdict(split)[what] for split in checked.splits.values())
        table.add_row(what, *(f"{count:,}" for count in counts), "")
    for label in checked.labels:
        counts = (label.by_split[name] for name in checked.splits)
        table.add_row(Text(plain(label.label)), *(f"{count:,}" for count in counts), label.group)
    return table
