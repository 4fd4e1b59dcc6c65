"""Results as CSV, one table at a time, unrounded; what is undefined or unfinished is empty."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

from cxrtui.show.comparisons import RECORD, comparison_records
from cxrtui.show.plain import plain
from cxrtui.show.result_parts import Results
from cxrtui.show.result_rows import DrawnRow, drawn_rows
from cxrtui.show.stage_table import stages_json
from jobs.confidence import Confidence, Estimate, Estimates
from jobs.results import ResultTable, rose
from jobs.scores import SPLITS

Line = Sequence[object]
_INTERVAL: Final = ("low", "high")
_CHANGE: Final = ("change", "change low", "change high", "within noise")


def results_csv(results: Results) -> str:
    """The result table; of other parts the first that there is: stages, then comparisons."""
    if results.table is not None:
        return _text(_table_lines(results, results.table))
    if results.stages:
        return _text(_stage_lines(results))
    records = comparison_records(results.comparisons)
    return _text([RECORD, *([record.get(name) for name in RECORD] for record in records)])


def _text(lines: Sequence[Line] | Iterator[Line]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    for line in lines:
        writer.writerow([_value(value) for value in line])
    return file.getvalue()


def _value(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return plain(value) if isinstance(value, str) else value


def _stage_lines(results: Results) -> Iterator[Line]:
    """The fields of the JSON; of a cost each of its numbers, of repeats none."""
    flat = [_flat(row) for row in stages_json(results.stages)]
    yield list(flat[0])
    for row in flat:
        yield list(row.values())


def _flat(row: dict[str, Any]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in row.items():
        if name in ("cost", "lineage_cost"):
            prefix = name.removesuffix("cost")
            for part in ("images", "pixels", "hours", "on_gpu", "finished"):
                found[prefix + part] = None if value is None else value[part]
        elif name != "repeats":
            found[name] = value
    return found


def _table_lines(results: Results, table: ResultTable) -> Iterator[Line]:
    confidence = results.confidence if results.with_intervals else None
    known = ("label", "group", "positives dev", "positives test")
    few = () if confidence is None else ("few positives dev", "few positives test")
    kinds = [*SPLITS, *(f"published {split}" for split in SPLITS if results.published)]
    if confidence is not None:
        kinds += [f"{split} {kind}" for split in SPLITS for kind in (*_INTERVAL, *_CHANGE)]
    yield [*known, *few, *(f"{title} {kind}" for title in table.columns for kind in kinds)]
    for row in drawn_rows(table, results.published):
        cells = [
            value
            for column in range(len(table.columns))
            for value in _cells(results, confidence, row, column)
        ]
        yield [*_about(row), *_few(confidence, row), *cells]
    rises = [(None, None), *((one.dev, one.test) for one in rose(table))][: len(table.columns)]
    padding = [None] * (len(kinds) - len(SPLITS))
    counts = [value for dev, test in rises for value in (dev, test, *padding)]
    yield ["labels that rose", *(None for _ in (*known[1:], *few)), *counts]


def _about(row: DrawnRow) -> Line:
    if row.label is None:
        return [row.title, row.mean if row.mean not in ("", "all") else None, None, None]
    return [row.title, row.label.group, row.label.positives_dev, row.label.positives_test]


def _few(confidence: Confidence | None, row: DrawnRow) -> Line:
    if confidence is None:
        return []
    if row.label is None:
        return [None] * len(SPLITS)
    label = row.label.label
    return [
        label in confidence.splits[split].few_positives if split in confidence.splits else None
        for split in SPLITS
    ]


def _cells(
    results: Results, confidence: Confidence | None, row: DrawnRow, column: int
) -> Iterator[object]:
    cell, printed = row.cells[column], row.published[column]
    yield from (cell.dev, cell.test)
    if results.published is not None:
        yield from (printed.dev, printed.test) if printed else (None, None)
    for split in SPLITS if confidence is not None else ():
        found = confidence.splits.get(split) if confidence is not None else None
        own = _estimate(found.columns[column] if found else None, row)
        change = _estimate(found.differences[column] if found else None, row)
        yield from (own.low, own.high) if own else (None,) * len(_INTERVAL)
        if change is None:
            yield from (None,) * len(_CHANGE)
        else:
            yield from (change.value, change.low, change.high, change.is_within_noise)


def _estimate(found: Estimates | None, row: DrawnRow) -> Estimate | None:
    if found is None:
        return None
    return found.means.get(row.mean) if row.label is None else found.labels.get(row.label.label)
