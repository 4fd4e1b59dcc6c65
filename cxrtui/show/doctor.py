"""What `doctor` found, for a person."""

from collections.abc import Sequence
from typing import Final

from rich.table import Table
from rich.text import Text

from cxrtui.output import console
from cxrtui.show.plain import plain
from db.ledger import PeakRecord
from jobs.machine.finding import Finding, gib

_MARKS: Final = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "fault": ("✗", "bold red")}


def show_findings(findings: Sequence[Finding]) -> None:
    """A line for each, below it what to do; then how many faults and warnings there are."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in findings:
        mark, colour = _MARKS[one.level]
        found = Text(plain(one.found))
        if one.advice:
            found.append(f"\n→ {plain(one.advice)}", style=colour)
        table.add_row(Text(mark, style=colour), Text(one.topic, style="bold"), found)
    console.print(table)
    console.print(f"\n{_count(findings, 'fault')}, {_count(findings, 'warning')}")


def show_ledger(ledger: Sequence[PeakRecord]) -> None:
    """GPU memory that jobs took, by settings and GPU; nothing where none has run on a GPU."""
    if not ledger:
        return
    table = Table(box=None, pad_edge=False, title="GPU memory that jobs took", title_justify="left")
    for title in ("job", "architecture", "channels", "px", "at once", "GPU", "peak", "of", ""):
        right = title in ("channels", "px", "at once", "peak", "of")
        table.add_column(title, justify="right" if right else "left")
    for one in ledger:
        numbers = (one.channels, one.image_size, one.micro_batch)
        table.add_row(
            one.kind,
            plain(one.architecture),
            *map(str, numbers),
            plain(one.gpu),
            "" if one.peak is None else gib(one.peak),
            gib(one.gpu_bytes),
            Text("ran out of memory", style="yellow") if one.ran_out else "",
        )
    console.print()
    console.print(table)


def _count(findings: Sequence[Finding], level: str) -> str:
    count = sum(one.level == level for one in findings)
    return f"{count} {level}{'' if count == 1 else 's'}"
