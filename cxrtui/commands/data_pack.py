"""`cxrtui data pack`: decode all images once, to the sizes that the recipe's models need."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxrtui.options import (
    DataOption,
    DryRunOption,
    JsonOption,
    RecipeOption,
    WorkspaceOption,
    workspace_root,
)
from cxrtui.output import errors, print_json

if TYPE_CHECKING:
    from cxrtui.enqueue import Plan


def pack(
    context: typer.Context,
    recipe: RecipeOption = None,
    data: DataOption = None,
    size: Annotated[
        list[int] | None,
        typer.Option("--size", metavar="PX", help="Only this size; may be given again."),
    ] = None,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Read all of it against the checksums."),
    ] = False,
    dry_run: DryRunOption = False,
    detach: Annotated[bool, typer.Option("--detach", help="Queue, and come back at once.")] = False,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Decode every image once; training then reads pixels at the speed of memory.

    The sizes are those of the recipe's models. `run-all` and `queue add` do the same by
    themselves. Ctrl+C stops; the next call goes on from there.
    """
    from cxrtui.current import choose_workspace, merged_settings
    from cxrtui.enqueue import enqueue, of_packs, preview
    from cxrtui.follow import follow_to_end
    from cxrtui.show.packs import packs_json, print_packs
    from jobs.queue.ensure import ensure_supervisor
    from jobs.recipe.load import load_recipe

    root = workspace_root(context, workspace)
    settings = merged_settings(root, recipe, data, None)
    loaded = load_recipe(settings.recipe)
    choice = of_packs(loaded, size or [])
    if dry_run or verify:
        plan = preview(root, settings, loaded, choice)
    else:
        opened = choose_workspace(root, settings)
        plan = enqueue(opened, loaded, choice)
        ensure_supervisor(opened.paths)
    if not json_:
        print_packs(plan, root)
    if verify:
        _verify(plan, root)
    failed = False
    if not (dry_run or verify or detach):
        progress = follow_to_end(root, plan.keys, quiet=json_)
        failed = any(one.state != "succeeded" for one in progress)
    if json_:
        print_json(packs_json(plan, root))
    if failed:
        raise typer.Exit(1)


def _verify(plan: "Plan", root: Path) -> None:
    """Read every pack that is there; DamagedError for the first that is not what was written."""
    from cxrtui.show.bar import counting
    from cxrtui.show.packs import packs_of
    from jobs.data.pixels.pack import verify_pack

    for one in packs_of(plan, root):
        if one.is_there:
            with counting(f"reading {one.size} px", errors) as progress:
                verify_pack(one.folder, progress)
            errors.print(f"{one.size} px: all pixels are as they were written")
