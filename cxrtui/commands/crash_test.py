"""`cxrtui doctor --crash-test`: kills every process of a queue in a temporary workspace."""

import shutil
import tempfile
from pathlib import Path

import typer

from cxrtui.output import console, errors, print_json, print_text


def crash_test(kills: int, seed: int, json_: bool) -> None:
    """Kill processes at random moments, show what was checked; exit code 1 if anything was lost.

    The workspace is removed, unless something was lost. GPUs are not touched. Ctrl+C ends it all.
    """
    from cxrtui.show.bar import counting
    from cxrtui.show.crash import crash_json, crash_report
    from jobs.crash.machine import run_crash_test

    base = Path(tempfile.mkdtemp(prefix="cxrtui-crash-test-"))
    survived = True
    try:
        with counting("killing processes", errors) as progress:
            report = run_crash_test(base, kills, seed, progress)
        survived = report.survived
    finally:
        if survived:
            shutil.rmtree(base)
    if json_:
        print_json({**crash_json(report), "kept": None if survived else str(base)})
    else:
        console.print(crash_report(report))
        if not survived:
            print_text(f"all of it is kept in {base}")
    if not survived:
        raise typer.Exit(1)
