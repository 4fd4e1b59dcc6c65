"""`cxrtui doctor`: what this machine has, what is missing, what it means."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cxrtui.options import JsonOption, WorkspaceOption, workspace_root
from cxrtui.output import print_json

if TYPE_CHECKING:
    from db.ledger import PeakRecord

KILLS: Final = 60


def doctor(
    context: typer.Context,
    crash_test: Annotated[
        bool,
        typer.Option(
            "--crash-test", help="Kill processes of a workspace of its own; none is lost."
        ),
    ] = False,
    kills: Annotated[
        int, typer.Option(min=1, metavar="N", help="--crash-test: how many are killed.")
    ] = KILLS,
    seed: Annotated[
        int, typer.Option(min=0, metavar="S", help="--crash-test: which, and when.")
    ] = 0,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Look this machine over: what it has, what is missing, what to do. Exit code 1 on a fault."""
    if crash_test:
        from cxrtui.commands.crash_test import crash_test as run_crash_test

        run_crash_test(kills, seed, json_)
        return
    from cxrtui.show.doctor import show_findings, show_ledger
    from jobs.machine.look import look_at_machine

    root = workspace_root(context, workspace)
    findings = list(look_at_machine(root))
    ledger = _ledger(root)
    faults = sum(one.level == "fault" for one in findings)
    if json_:
        told = {"faults": faults, "findings": [asdict(one) for one in findings]}
        print_json({**told, "ledger": [asdict(one) for one in ledger]})
    else:
        show_findings(findings)
        show_ledger(ledger)
    if faults:
        raise typer.Exit(1)


def _ledger(root: Path) -> "list[PeakRecord]":
    from db.ledger import ledger
    from jobs.exit_codes import OUT_OF_MEMORY
    from jobs.machine.supervision import open_to_look
    from jobs.paths import WorkspacePaths
    from jobs.workspace import Workspace

    opened = open_to_look(WorkspacePaths(root))
    if not isinstance(opened, Workspace):
        return []
    with opened.database.read() as connection:
        return ledger(connection, OUT_OF_MEMORY)
