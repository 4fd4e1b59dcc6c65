"""The faults of a data folder for a person: equal ones together, with what to do about them."""

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from rich.text import Text

from cxrtui.output import console, print_text
from cxrtui.show.plain import plain
from jobs.data.check.folder import DataCheck
from jobs.data.faults import Effect, Fault

SHOWN_KINDS: Final = 6  # of an effect
SHOWN_PLACES: Final = 3  # of a kind

_HEADINGS: Final[dict[Effect, tuple[str, str, str]]] = {  # title, what to do, style
    "stops": (
        "A run would stop",
        "Mend the files; images may be left out by a list that [data] exclude names.",
        "bold red",
    ),
    "changes results": (
        "Results would change",
        "Mend these first: scores would not mean what they seem to.",
        "bold red",
    ),
    "leaves out": (
        "Rows that are left out",
        "Mend them, or go on without them while they are few ([data] bad_rows).",
        "bold yellow",
    ),
    "none": ("Good to know", "Nothing has to be done: results stay the same.", "bold"),
}


def show_faults(folder: Path, checked: DataCheck) -> None:
    """Sections by effect, in each the kinds of faults with their count and first places."""
    if not checked.faults:
        console.print("No faults.", style="bold green")
        return
    for effect in _HEADINGS:
        faults = [fault for fault in checked.faults if fault.effect == effect]
        if faults:
            _section(folder, checked, effect, faults)
    print_text(_end(checked))


def _section(folder: Path, checked: DataCheck, effect: Effect, faults: list[Fault]) -> None:
    title, advice, style = _HEADINGS[effect]
    console.print(Text.assemble((title, style), f" ({_times(len(faults))})"))
    kinds: defaultdict[str, list[Fault]] = defaultdict(list)
    for fault in faults:
        kinds[_kind(fault)].append(fault)
    ordered = sorted(kinds.values(), key=len, reverse=True)
    for kind in ordered[:SHOWN_KINDS]:
        _show_kind(folder, kind)
    if len(ordered) > SHOWN_KINDS:
        print_text(f"  ... and {len(ordered) - SHOWN_KINDS} more kinds: --json lists all")
    if effect == "leaves out":
        for line in _left_out(folder, checked):
            print_text(f"  {line}")
    console.print(Text(f"  {advice}", style="italic"))
    console.print()


def _kind(fault: Fault) -> str:
    """The problem without what differs from place to place: numbers, ids, files."""
    return re.sub(r"(?<= in )[^,]+(?=, line)|(?<![\w.-])\d[\w.-]*|'[^']*'", "...", fault.problem)


def _show_kind(folder: Path, kind: list[Fault]) -> None:
    alone = len(kind) == 1 or len({fault.problem for fault in kind}) == 1
    problem = kind[0].problem if alone else _kind(kind[0])
    print_text(f"  {problem}" + (f": {_times(len(kind))}" if len(kind) > 1 else ""))
    for fault in kind[:SHOWN_PLACES]:
        print_text(f"    {_place(folder, fault)}")
    if len(kind) > SHOWN_PLACES:
        print_text(f"    and {len(kind) - SHOWN_PLACES:,} more")


def _place(folder: Path, fault: Fault) -> str:
    place = _short(folder, fault.file)
    if fault.row is not None:
        place += f", line {fault.row}"
    if fault.column is not None:
        place += f", {fault.column}"
    return _fitted(f"{place}: ", fault.found) if fault.found else place


def _fitted(place: str, found: str) -> str:
    """`found` behind its place; on a terminal its middle gives way, so that it stays one line."""
    found = plain(found).replace("\n", " ")
    room = max(20, console.width - 4 - len(place))
    if console.is_terminal and len(found) > room:
        half = (room - 3) // 2
        found = f"{found[:half]}...{found[-(room - 3 - half) :]}"
    return place + found


def _left_out(folder: Path, checked: DataCheck) -> Iterable[str]:
    for file, rows in checked.left_out.items():
        over = "more than" if rows.too_many else "within"
        yield (
            f"{_short(folder, file)}: {rows.bad:,} of {rows.rows:,} rows "
            f"({rows.bad / rows.rows:.2%}), {over} the {100 * rows.allowed:.3g}% allowed"
        )


def _short(folder: Path, file: str) -> str:
    path = Path(file)
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else file


def _times(count: int) -> str:
    return f"{count:,} place" + ("" if count == 1 else "s")


def _end(checked: DataCheck) -> str:
    if checked.changes_results:
        return "The folder is not fit for use as it is (exit code 2); --json lists every fault."
    return "The folder can be used as it is (exit code 0); --json lists every fault."
