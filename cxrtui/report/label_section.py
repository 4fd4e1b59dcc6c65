"""The section on single labels: a table of the last column's scores, and a card for each label."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cxrtui.report.label_curves import BINS, LabelCurves, label_curves
from cxrtui.report.label_figures import draw_label
from cxrtui.report.last_column import LastColumn
from cxrtui.report.sheets import Sheet, number, plain_row
from jobs.results import display_order
from jobs.scoring.bootstrap import FEW_PATIENTS, few_positives

_HEADS: Final = (
    "Label", "Positives", "Prevalence", "AP", "Brier score", "Calibration error",
    "Dev positives", "Dev prevalence", "Dev AP", "Dev Brier score", "Dev calibration error",
)  # fmt: skip
_FEW: Final = "\N{NO-BREAK SPACE}\N{DAGGER}"

ByLabel = Mapping[str, LabelCurves]


@dataclass(frozen=True)
class LabelCard:
    """One label's drawing with what it says in words."""

    label: str
    drawing: bytes
    alt: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class LabelSection:
    """The table and the cards."""

    about: str
    sheet: Sheet
    cards: tuple[LabelCard, ...]
    bins: int = BINS


def label_section(
    column: LastColumn, seeds: int, told: Callable[[int, int], None] | None = None
) -> LabelSection:
    """What there is to say of every label; `told` is called with (done, of) before each drawing."""
    found = {split: _curves(column, split) for split in column.splits}
    test, dev = found.get("test", {}), found.get("dev", {})
    labels = next(iter(column.splits.values())).table.labels
    drawn = [label for label in display_order(labels) if label in test or label in dev]
    cards = []
    for done, label in enumerate(drawn):
        if told is not None:
            told(done, len(drawn))
        cards.append(_card(label, test.get(label), dev.get(label)))
    return LabelSection(_about(column, seeds), _sheet(labels, test, dev), tuple(cards))


def _curves(column: LastColumn, split: str) -> ByLabel:
    scored = column.splits[split]
    few = few_positives(scored.table.targets, scored.table.patient)
    return label_curves(scored.table.labels, scored.probabilities, scored.table.targets, few)


def _about(column: LastColumn, seeds: int) -> str:
    about = f"The column {column.title}, the last one that is finished"
    about += ", with the first seed." if seeds else "."
    if not column.are_probabilities:
        about += (
            " It averages ranks, which are no probabilities: "
            "Brier score, calibration error and reliability say nothing of it."
        )
    return about


def _sheet(labels: tuple[str, ...], test: ByLabel, dev: ByLabel) -> Sheet:
    rows = []
    for label in display_order(labels):
        few = any(label in split and split[label].few for split in (test, dev))
        cells = [*_cells(test.get(label)), *_cells(dev.get(label))]
        rows.append(plain_row(f"{label}{_FEW}" if few else label, cells))
    notes = [
        "Prevalence is the AP of scores that say nothing. Brier score: mean squared difference of "
        "probability and target. Calibration error: mean difference of probability and share of "
        f"positives over {BINS} bins with equally many images. Lower is better for both."
    ]
    if any(one.few for split in (test, dev) for one in split.values()):
        notes.append(
            f"{_FEW.strip()} Positives in fewer than {FEW_PATIENTS} patients of test or of "
            "development: its numbers and curves there are not to be trusted."
        )
    return Sheet("Every label on test, then on development", _HEADS, tuple(rows), tuple(notes))


def _cells(one: LabelCurves | None) -> tuple[str, ...]:
    if one is None:
        return ("-",) * 5
    numbers = (one.ap, one.brier, one.calibration_error)
    return (f"{one.positives:,}", f"{one.prevalence:.2%}", *map(number, numbers))


def _card(label: str, test: LabelCurves | None, dev: LabelCurves | None) -> LabelCard:
    lines = tuple(
        _line(split, one) for split, one in (("Test", test), ("Dev", dev)) if one is not None
    )
    shown = "Precision over recall and reliability of"
    return LabelCard(label, draw_label(test, dev), f"{shown} {label}. {' '.join(lines)}", lines)


def _line(split: str, one: LabelCurves) -> str:
    few = f", positives in fewer than {FEW_PATIENTS} patients" if one.few else ""
    return (
        f"{split}: AP {one.ap:.3f}, prevalence {one.prevalence:.3f}, Brier {one.brier:.3f}, "
        f"calibration error {one.calibration_error:.3f}{few}."
    )
