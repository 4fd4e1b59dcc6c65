"""The result table for the page: as on the poster, then columns and labels with intervals."""

from collections.abc import Sequence
from typing import Final, Literal

from cxrtui.report.sheets import Piece, Sheet, SheetRow, number
from cxrtui.show.result_rows import written
from jobs.confidence import Confidence, Estimate, Estimates, SplitConfidence
from jobs.results import Cell, Finished, ResultTable, Rise, Row, rose
from jobs.scoring.groups import GROUPS

_Of = Literal["labels", "means"]

SPLIT_NAMES: Final = {"dev": "development", "test": "test"}
NOISE: Final = "within noise"
_FEW: Final = "\N{NO-BREAK SPACE}\N{DAGGER}"
_MEANS: Final = (*((group, f"mean of {group}") for group in GROUPS), ("all", "Mean"))
_COLUMN_HEADS: Final = (
    "Column", "mAP, dev", "mAP, test", "Change, dev", "Change, test", "Rose, dev", "Rose, test",
)  # fmt: skip
_SEED_HEADS: Final = ("Each seed, dev", "Each seed, test")
_INTERVALS: Final = "Intervals: 95 %, by the bootstrap over patients"


def result_sheet(table: ResultTable) -> Sheet:
    """Development / test in every cell, the best so far in bold, as on the poster."""
    rows = [
        SheetRow(row.label, (*_about_label(row), *_cells(table, row.cells))) for row in table.rows
    ]
    means = [(f"mean of {group}", cells) for group, cells in table.groups.items()]
    for head, cells in (*means, ("Mean", table.mean)):
        rows.append(SheetRow(head, (_about(""), _about(""), *_cells(table, cells)), "mean"))
    heads = ("Label", "Group", "Positives", *table.columns)
    notes = (
        "Average precision, development / test. Bold: the best so far in its row.",
        *_unfinished(table),
    )
    return Sheet("Average precision of every label", heads, tuple(rows), notes)


def column_sheet(table: ResultTable, sure: Confidence) -> Sheet:
    """A row a column: its mAP and what it changed, with intervals, and the labels that rose."""
    rises = (None, *rose(table))
    rows = []
    for place, title in enumerate(table.columns):
        cells = [_estimate(sure, split, place) for split in SPLIT_NAMES]
        cells += [_change(sure, split, place) for split in SPLIT_NAMES]
        cells += _rises(rises[place])
        if table.repeats:
            seeds = table.repeats[place]
            cells += [_about(_repeats(values)) for values in (seeds.dev, seeds.test)]
        rows.append(SheetRow(title, tuple(cells)))
    heads = _COLUMN_HEADS + (_SEED_HEADS if table.repeats else ())
    notes = (
        f"{_INTERVALS}, {sure.resamples:,} resamples. Change and rises: from the column before, "
        f"on the same patients; {NOISE}: the interval includes 0.",
    )
    return Sheet("Columns: mean over the labels, and what each changed", heads, tuple(rows), notes)


def label_sheet(table: ResultTable, sure: Confidence, split: str) -> Sheet | None:
    """Every label on one split with its interval and its change; None while none is finished."""
    if split not in sure.splits or not any(sure.splits[split].columns):
        return None
    found = sure.splits[split]
    few = found.few_positives
    rows = [
        SheetRow(
            f"{row.label}{_FEW}" if row.label in few else row.label,
            _detailed(found, "labels", row.label),
        )
        for row in table.rows
    ]
    known = next(one for one in found.columns if one is not None)
    for name, head in _MEANS:
        if name in known.means:
            rows.append(SheetRow(head, _detailed(found, "means", name), "mean"))
    notes = [f"{_INTERVALS}. Below it the change from the column before; {NOISE} where it is."]
    if few:
        notes.append(f"{_FEW.strip()} In so few patients that its intervals are not to be trusted.")
    caption = f"Every label on {SPLIT_NAMES[split]}, with intervals"
    return Sheet(caption, ("Label", *table.columns), tuple(rows), tuple(notes))


def with_interval(one: Estimate) -> str:
    """`0.320 (0.301 to 0.339)`."""
    return f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"


def difference(one: Estimate) -> str:
    """`+0.020 (-0.001 to +0.041), within noise`."""
    noise = f", {NOISE}" if one.is_within_noise else ""
    return f"{one.value:+.3f} ({one.low:+.3f} to {one.high:+.3f}){noise}"


def _cells(table: ResultTable, cells: Sequence[Cell]) -> list[tuple[Piece, ...]]:
    return [_cell(cell, finished) for cell, finished in zip(cells, table.finished, strict=True)]


def _cell(cell: Cell, finished: Finished) -> tuple[Piece, ...]:
    return (
        Piece(written(cell.dev, finished.dev), strong=cell.best_dev),
        Piece(" / "),
        Piece(written(cell.test, finished.test), strong=cell.best_test),
    )


def _about(text: str) -> tuple[Piece, ...]:
    return (Piece(text),)


def _about_label(row: Row) -> tuple[tuple[Piece, ...], ...]:
    counts = (row.positives_dev, row.positives_test)
    told = " / ".join("-" if count is None else f"{count:,}" for count in counts)
    return _about(row.group or "-"), _about(told)


def _unfinished(table: ResultTable) -> list[str]:
    titles = [
        title
        for title, one in zip(table.columns, table.finished, strict=True)
        if not (one.dev and one.test)
    ]
    return [f"Not finished: {', '.join(titles)}."] if titles else []


def _rises(rise: Rise | None) -> list[tuple[Piece, ...]]:
    if rise is None:
        return [_about("-")] * 2
    counts = ((rise.dev, rise.dev_of), (rise.test, rise.test_of))
    return [_about(f"{up} of {of}" if of else "-") for up, of in counts]


def _repeats(values: Sequence[float | None]) -> str:
    return ", ".join(number(value) for value in values) or "-"


def _column(sure: Confidence, split: str, place: int) -> tuple[Estimates | None, Estimates | None]:
    if split not in sure.splits:
        return None, None
    return sure.splits[split].columns[place], sure.splits[split].differences[place]


def _estimate(sure: Confidence, split: str, place: int) -> tuple[Piece, ...]:
    own, _ = _column(sure, split, place)
    mean = own.means.get("all") if own else None
    return _value(mean) if mean else _about("-")


def _change(sure: Confidence, split: str, place: int) -> tuple[Piece, ...]:
    _, change = _column(sure, split, place)
    mean = change.means.get("all") if change else None
    if mean is None:
        return _about("-")
    pieces = (
        Piece(f"{mean.value:+.3f}"),
        Piece(f"{mean.low:+.3f} to {mean.high:+.3f}", quiet=True),
    )
    return (*pieces, Piece(NOISE, quiet=True)) if mean.is_within_noise else pieces


def _value(one: Estimate) -> tuple[Piece, ...]:
    return (Piece(f"{one.value:.3f}"), Piece(f"{one.low:.3f} to {one.high:.3f}", quiet=True))


def _detailed(found: SplitConfidence, of: _Of, name: str) -> tuple[tuple[Piece, ...], ...]:
    """A cell a column, of one label or of one mean."""
    return tuple(
        _with_change(_pick(own, of, name), _pick(change, of, name))
        for own, change in zip(found.columns, found.differences, strict=True)
    )


def _pick(one: Estimates | None, of: _Of, name: str) -> Estimate | None:
    if one is None:
        return None
    return (one.labels if of == "labels" else one.means).get(name)


def _with_change(own: Estimate | None, change: Estimate | None) -> tuple[Piece, ...]:
    if own is None:
        return _about("-")
    if change is None:
        return _value(own)
    noise = f", {NOISE}" if change.is_within_noise else ""
    return (*_value(own), Piece(f"{change.value:+.3f}{noise}", quiet=True))
