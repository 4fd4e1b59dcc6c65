"""What each column of the result table changed, and how sure all of its numbers are."""

from collections.abc import Callable
from typing import Final

from cxrtui.show.grid import Grid, fits
from cxrtui.show.result_rows import UNDEFINED, UNFINISHED
from cxrtui.show.signs import NOISE
from jobs.confidence import Confidence, Estimate, Estimates
from jobs.published import Published
from jobs.results import Cell, ResultTable, Rise, rose
from jobs.scoring.bootstrap import FEW_PATIENTS

SPLIT_NAMES: Final = {"dev": "Development", "test": "Test"}
_WITHIN_NOISE: Final = " within noise"
_NOISE_SIGN: Final = f" {NOISE}"
_LEGEND: Final = "95 % intervals from {:,} resamples of the patients."
_NOISE: Final = "{} within noise: the interval of the difference includes 0."
_FEW_SIGN: Final = " \N{DAGGER}"
_FEW: Final = "\N{DAGGER} positives in fewer than {} patients: do not rely on the interval."
_SEEDS: Final = "Means over the seeds; what other seeds would give is not in the intervals."


def differences_grid(
    table: ResultTable,
    confidence: Confidence | None = None,
    published: Published | None = None,
    width: int | None = None,
) -> Grid:
    """For each column but the first: labels that rose, and how much means did, with intervals.

    Where "within noise" in words needs more than `width` columns, a sign says so.
    """
    words = _differences(table, confidence, published, _WITHIN_NOISE)
    if width is None or fits(words, width):
        return words
    return _differences(table, confidence, published, _NOISE_SIGN)


def interval_grids(table: ResultTable, confidence: Confidence) -> list[Grid]:
    """The interval of each label's AP and of the means in each column, one table a split."""
    return [_intervals(table, confidence, split) for split in confidence.splits]


def signed(estimate: Estimate) -> str:
    """A difference and its interval: +0.016 [+0.012, +0.020]."""
    return f"{estimate.value:+.3f} [{estimate.low:+.3f}, {estimate.high:+.3f}]"


def _differences(
    table: ResultTable,
    confidence: Confidence | None,
    published: Published | None,
    noise: str,
) -> Grid:
    rows: list[tuple[str, ...]] = []
    sections = set()
    for column, rise in enumerate(rose(table), start=1):
        beside = () if published is None else (_published_rise(published, table, column),)
        if confidence is None:
            rows.append((rise.column, *_in_short(table, column, rise), *beside))
            continue
        sections |= {len(rows)} if rows else set()
        rises = (f"{_rise(rise.dev, rise.dev_of)} rose", f"{_rise(rise.test, rise.test_of)} rose")
        rows.append((rise.column, *rises, *beside))
        for name in confidence.names:
            changes = (_change(confidence, split, column, name, noise) for split in SPLIT_NAMES)
            rows.append((f"  {_title(name)}", *changes, *("" for _ in beside)))
    titles = (*SPLIT_NAMES.values(), *(() if published is None else ("Poster",)))
    return Grid(
        title="Over the column before",
        columns=("", *titles),
        rows=tuple(rows),
        notes=() if confidence is None else _notes(table, confidence, noise),
        left=len(titles) + 1,
        dim_columns=frozenset({len(SPLIT_NAMES) + 1}),
        section_rows=frozenset(sections),
    )


def _notes(table: ResultTable, confidence: Confidence, noise: str) -> tuple[str, ...]:
    notes = [_LEGEND.format(confidence.resamples)]
    notes += [_NOISE.format(noise.strip())] if noise == _NOISE_SIGN else []
    return (*notes, *((_SEEDS,) if table.repeats else ()))


def _in_short(table: ResultTable, column: int, rise: Rise) -> tuple[str, str]:
    def told(rose: int, of: int, value: Callable[[Cell], float | None]) -> str:
        before, after = (value(table.mean[place]) for place in (column - 1, column))
        if before is None or after is None:
            return UNFINISHED
        return f"{_rise(rose, of)} rose, mAP {after - before:+.3f}"

    return (
        told(rise.dev, rise.dev_of, lambda cell: cell.dev),
        told(rise.test, rise.test_of, lambda cell: cell.test),
    )


def _rise(rose: int, of: int) -> str:
    return f"{rose} of {of}"


def _published_rise(published: Published, table: ResultTable, column: int) -> str:
    """What rose in the printed table, counted from its printed cells."""
    titles = table.columns[column - 1 : column + 1]
    pairs = [[published.cell(row.label, title) for title in titles] for row in table.rows]
    known = [(before, after) for before, after in pairs if before and after]
    if not known:
        return ""
    dev = sum(after.dev > before.dev for before, after in known)
    test = sum(after.test > before.test for before, after in known)
    return f"{dev} / {test} rose"


def _title(name: str) -> str:
    return "mAP" if name == "all" else name


def _change(confidence: Confidence, split: str, column: int, name: str, noise: str) -> str:
    if split not in confidence.splits:
        return UNFINISHED
    found = confidence.splits[split].differences[column]
    estimate = None if found is None else found.means.get(name)
    if estimate is None:
        return UNFINISHED if found is None else UNDEFINED
    return f"{signed(estimate)}{noise if estimate.is_within_noise else ''}"


def _intervals(table: ResultTable, confidence: Confidence, split: str) -> Grid:
    found = confidence.splits[split]
    few = set(found.few_positives)
    rows = []
    for row in table.rows:
        label = f"{row.label}{_FEW_SIGN if row.label in few else ''}"
        texts = (_interval(column, row.label, of_means=False) for column in found.columns)
        rows.append((label, *texts))
    means = len(rows)
    for name in (*(name for name in confidence.names if name != "all"), "all"):
        texts = (_interval(column, name, of_means=True) for column in found.columns)
        rows.append(("Mean" if name == "all" else f"mean of {name}", *texts))
    return Grid(
        title=f"{SPLIT_NAMES[split]}: 95 % intervals of AP",
        columns=("Label", *table.columns),
        rows=tuple(rows),
        notes=(
            _LEGEND.format(confidence.resamples),
            *((_FEW.format(FEW_PATIENTS),) if few else ()),
        ),
        section_rows=frozenset({means}),
    )


def _interval(column: Estimates | None, name: str, *, of_means: bool) -> str:
    if column is None:
        return UNFINISHED
    found = (column.means if of_means else column.labels).get(name)
    return UNDEFINED if found is None else f"{found.low:.3f}\N{EN DASH}{found.high:.3f}"
