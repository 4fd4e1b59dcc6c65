"""What an ensemble search found: a table for a person, JSON for scripts."""

import math
from collections.abc import Sequence
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from cxrtui.output import console, print_text
from cxrtui.show.plain import plain
from jobs.choice import Choice
from jobs.ensemble_search import Found, Judged, SearchReport
from jobs.scoring.bootstrap import Interval

_FEW: Final = 6  # labels that are named; of more only their number is told


def print_search(report: SearchReport) -> None:
    """The best, the baseline last, and in words what the choice was worth; fits 80 columns."""
    first, second = report.patients
    asked = report.settings
    print_text(
        f"{report.tried:,} ensembles of {len(report.members)} members on {asked.split}, "
        f"views {asked.views}, {asked.averaging} averaged."
    )
    print_text(
        f"Chosen by the mAP on {first:,} patients, judged on the other {second:,} "
        "(with 95 % intervals)."
    )
    console.print()
    console.print(search_table(report))
    console.print()
    for line in (verdict(report), *_remarks(report)):
        console.print(Text(plain(line)))


def search_table(report: SearchReport) -> Table:
    """A row for each of the best, and one for what they are compared with."""
    table = Table(box=None, pad_edge=False, header_style="bold", collapse_padding=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("Members", overflow="fold")
    table.add_column("Chosen\non", justify="right", no_wrap=True)
    table.add_column("Other half", no_wrap=True)
    table.add_column(Text(f"Gain on {plain(report.baseline_name)}"), overflow="fold")
    for place, one in enumerate(report.best, start=1):
        gain = f"{one.other_gain:+.3f} {_range(one.gain_interval, '+.3f')}"
        style = "bold" if place == 1 else ""
        table.add_row(str(place), *_cells(one), Text(gain), style=style)
    table.add_section()
    table.add_row("", *_cells(report.baseline), "", style="dim")
    return table


def verdict(report: SearchReport) -> str:
    """How much of the best choice's gain was left on the patients that did not choose it."""
    best, name = report.best[0], report.baseline_name
    if best.choice == report.baseline.choice:
        return f"The best is {name} itself."
    if best.chosen_gain <= 0:
        return f"None that was tried beats {name}, not even on the half that chose it."
    lost = best.chosen_gain - best.other_gain
    if lost <= 0:
        kept = "none of it was lost"
    elif best.other_gain <= 0:
        kept = "all of it was lost"
    else:
        kept = f"{lost / best.chosen_gain:.0%} of it was lost"
    noise = "within noise" if best.is_within_noise else "beyond noise"
    return (
        f"The best gains {best.chosen_gain:+.4f} on {name} where it was chosen and "
        f"{best.other_gain:+.4f} on the other half: {kept}. The difference on the other half is "
        f"{noise}."
    )


def search_json(report: SearchReport, saved: str | None) -> dict[str, Any]:
    """All that was found, for scripts; what is undefined is null."""
    asked = report.settings
    return {
        "split": asked.split,
        "search": "greedy" if asked.greedy else "subsets",
        "members": list(report.members),
        "tried": report.tried,
        "seed": asked.seed,
        "resamples": asked.resamples,
        "patients": {"chosen_on": report.patients[0], "other": report.patients[1]},
        "undefined": list(report.undefined),
        "few_positives": list(report.few_positives),
        "baseline": {"name": report.baseline_name, **_judged_json(report.baseline)},
        "best": [_found_json(one) for one in report.best],
        "verdict": verdict(report),
        "saved": saved,
    }


def _remarks(report: SearchReport) -> list[str]:
    remarks = []
    if report.undefined:
        remarks.append(
            f"Left out of the means, for want of positives in both halves: "
            f"{_listed(report.undefined)}."
        )
    if report.few_positives:
        remarks.append(
            f"Few patients of the other half are positive for {_listed(report.few_positives)}."
        )
    return remarks


def _listed(labels: Sequence[str]) -> str:
    more = len(labels) - _FEW
    return ", ".join(labels[:_FEW]) + (f" and {more} more" if more > 0 else "")


def _cells(judged: Judged) -> tuple[Text, Text, Text]:
    other = f"{judged.other_map:.3f} {_range(judged.interval, '.3f')}"
    return Text(_members(judged.choice)), Text(f"{judged.chosen_map:.3f}"), Text(other)


def _members(choice: Choice) -> str:
    """Such as `model2 model3=2`: what `ensemble score` takes."""
    return " ".join(
        plain(name) if weight == 1 else f"{plain(name)}={weight:g}"
        for name, weight in sorted(choice.weights.items())
    )


def _range(interval: Interval, form: str) -> str:
    return f"[{float(interval.low):{form}}, {float(interval.high):{form}}]"


def _judged_json(judged: Judged) -> dict[str, Any]:
    choice = judged.choice
    return {
        "members": dict(sorted(choice.weights.items())),
        "view_rule": choice.view_rule,
        "frontal_weight": choice.frontal_weight,
        "averaging": choice.averaging,
        "chosen_map": judged.chosen_map,
        "other_map": judged.other_map,
        "other_interval": _bounds(judged.interval),
    }


def _found_json(found: Found) -> dict[str, Any]:
    return {
        **_judged_json(found),
        "chosen_gain": found.chosen_gain,
        "other_gain": found.other_gain,
        "gain_interval": _bounds(found.gain_interval),
        "within_noise": found.is_within_noise,
    }


def _bounds(interval: Interval) -> list[float | None]:
    bounds = (float(interval.low), float(interval.high))
    return [None if math.isnan(bound) else bound for bound in bounds]
