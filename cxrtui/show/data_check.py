"""What a data folder holds, for a person and for scripts."""

from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.table import Table
from rich.text import Text

from cxrtui.output import console, print_text
from cxrtui.show.data_faults import show_faults
from cxrtui.show.plain import plain
from jobs.data.check.counts import Counts, LabelCount
from jobs.data.check.folder import DataCheck

_STYLES: Final = {"head": "", "medium": "cyan", "tail": "magenta"}


def data_document(checked: DataCheck) -> dict[str, object]:
    """The JSON that scripts rely on; counts are null or empty where a file cannot be used."""
    counts = None if checked.counts is None else asdict(checked.counts)
    return {
        "format": checked.format,
        "rows": counts and counts["rows"],
        "patients": counts and counts["patients"],
        "studies": counts and counts["studies"],
        "views": counts["views"] if counts else {},
        "splits": counts["splits"] if counts else {},
        "labels": counts["labels"] if counts else [],
        "left_out": {file: asdict(rows) for file, rows in checked.left_out.items()},
        "changes_results": checked.changes_results,
        "problems": [asdict(fault) for fault in checked.faults],
    }


def show_data(folder: Path, checked: DataCheck) -> None:
    """Counts, then the faults, on about a screen."""
    counts = checked.counts
    if counts is None:
        print_text(f"{folder}: {checked.format}, which cannot be read")
    else:
        print_text(
            f"{folder}: {checked.format}, {_some(counts.rows, 'image')} of "
            f"{_some(counts.studies, 'study')} of {_some(counts.patients, 'patient')}"
        )
        views = (f"{view or '(none)'} {count:,}" for view, count in counts.views.items())
        print_text(f"views: {', '.join(views)}")
        console.print()
        console.print(_table(counts))
        if any(not count for label in counts.labels for count in label.by_split.values()):
            print_text("where a label has no positives, its AP is undefined")
    console.print()
    show_faults(folder, checked)


def _some(count: int, what: str) -> str:
    many = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{count:,} {what if count == 1 else many}"


def _table(counts: Counts) -> Table:
    """Rows, patients and studies of each split, then each label's positives."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for name in counts.splits:
        table.add_column(name, justify="right")
    table.add_column("of train", justify="right")
    table.add_column("group")
    for what in ("rows", "studies", "patients"):
        numbers = (asdict(split)[what] for split in counts.splits.values())
        table.add_row(what.replace("rows", "images"), *(f"{number:,}" for number in numbers))
    table.add_section()
    for label in counts.labels:
        table.add_row(*_row(label, counts))
    return table


def _row(label: LabelCount, counts: Counts) -> list[str | Text]:
    numbers = (_number(label.by_split[name]) for name in counts.splits)
    share = f"{label.share:.2%}"
    group = Text(label.group, style=_STYLES[label.group])
    return [Text(plain(label.label)), *numbers, share, group]


def _number(count: int) -> Text:
    return Text(f"{count:,}", style="" if count else "bold yellow")
