"""`cxrtui workspace`: the folder as a whole."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxrtui.options import JsonOption, WorkspaceOption, workspace_root
from cxrtui.output import console, errors, print_json, print_text

if TYPE_CHECKING:
    from jobs.room.facts import Check, Progress

app = typer.Typer(help="The workspace's folder as a whole.", no_args_is_help=True)


@app.command()
def rebuild(context: typer.Context, workspace: WorkspaceOption = None) -> None:
    """Make the database again from the journal and the folders of runs; the old one is kept."""
    from jobs.queue.rebuild import rebuild_database

    kept = rebuild_database(workspace_root(context, workspace))
    console.print(
        "the database was made again" + ("" if kept is None else f"; the old one is {kept.name}")
    )


@app.command()
def gc(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; else only say what.")] = False,
    superseded: Annotated[
        bool,
        typer.Option(
            "--superseded",
            help="Also the results of jobs that no recipe asks for any more, as it is now.",
        ),
    ] = False,
    packs: Annotated[
        bool, typer.Option("--packs", help="Also packs that no unfinished job needs.")
    ] = False,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Say what takes room and may go, with the reason; with --yes remove it.

    What a retry, a resume, the results or an ensemble would read is never taken.
    """
    from cxrtui.show.bar import counting
    from cxrtui.show.packs import size_text
    from cxrtui.show.room import items_json, print_items
    from jobs.queue.journal import apply_journal
    from jobs.room.found import Room, total_bytes
    from jobs.room.gc import remove
    from jobs.workspace import open_workspace

    opened = open_workspace(workspace_root(context, workspace))
    root = opened.paths.root
    if opened.database.can_write:
        apply_journal(opened)
    room = Room(opened.paths, superseded, packs)
    with opened.database.read() as connection:
        items = room.find(connection)
    before = shutil.disk_usage(root).free
    if items and not json_:
        print_items(items)
    if yes:
        with counting("removing", errors) as progress:
            items = remove(opened, room, items, progress)
    after = shutil.disk_usage(root).free
    if json_:
        free = {"bytes": total_bytes(items), "free_before": before, "free_after": after}
        print_json({"items": items_json(items, root), **free, "removed": yes})
    else:
        free_then, free_now, size = map(size_text, (before, after, total_bytes(items)))
        if yes:
            print_text(f"removed {size} from {root}: free were {free_then}, are {free_now}")
        elif items:
            print_text(f"{size} may go in {root}, {free_now} are free: with --yes it is removed")
        else:
            print_text(f"nothing may go in {root}; {free_now} are free")


@app.command()
def check(
    context: typer.Context,
    packs: Annotated[
        bool, typer.Option("--packs", help="Read every pixel of every pack, too.")
    ] = False,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Verify everything against its checksums; exit code 1 if something is damaged."""
    from cxrtui.show.checks import check_json, print_check

    done = []
    for one in _checks(workspace_root(context, workspace), packs=packs):
        done.append(one)
        if not json_:
            print_check(one)
    if json_:
        print_json(check_json(done))
    if any(one.faults for one in done):
        raise typer.Exit(1)


def _checks(root: Path, *, packs: bool) -> Iterator["Check"]:
    """Each with a bar of its own, which is gone when its line is printed."""
    from cxrtui.show.bar import counting
    from jobs.room.check import check_workspace

    bars: list[Progress] = []

    def tell(done: int, total: int) -> None:
        for bar in bars:
            bar(done, total)

    running = check_workspace(root, tell, packs=packs)
    while True:
        with counting("reading", errors) as shown:
            bars[:] = [] if shown is None else [shown]
            one = next(running, None)
        if one is None:
            return
        yield one
