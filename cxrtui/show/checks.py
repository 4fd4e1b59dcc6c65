"""What a check of the workspace found, for the terminal and for scripts."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from cxrtui.output import print_text
from jobs.room.facts import Check

SHOWN = 20  # faults and notes of one check


def print_check(check: Check) -> None:
    """A line, and one for each fault with what to do."""
    bad = len(check.faults)
    print_text(f"{'✗' if bad else '✓'} {check.name}: {check.looked_at}")
    for fault in check.faults[:SHOWN]:
        print_text(f"  {fault.what}: {fault.remedy}")
    for note in check.notes[:SHOWN]:
        print_text(f"  · {note}")
    for what, count in (("damaged", bad), ("to note", len(check.notes))):
        if count > SHOWN:
            print_text(f"  and {count - SHOWN:,} more {what}: --json lists them")


def check_json(checks: Sequence[Check]) -> dict[str, Any]:
    """The same for scripts."""
    return {
        "whole": not any(check.faults for check in checks),
        "checks": [asdict(check) for check in checks],
    }
