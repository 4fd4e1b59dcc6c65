"""`cxrtui ensemble import`: predictions that were made elsewhere become a member."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxrtui.completion import imports
from cxrtui.options import DryRunOption, JsonOption, WorkspaceOption, workspace_root
from cxrtui.output import errors, print_json, print_text

if TYPE_CHECKING:
    from jobs.imports import ReadyImport


def import_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What to call the member.", autocompletion=imports)],
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="CSV, CSV.GZ or parquet, one file a split."),
    ],
    split: Annotated[
        str | None,
        typer.Option("--split", help="Refuse images of another; else their ids say which it is."),
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(
            "--image", metavar="COLUMN", help="The column of ids; else image, dicom_id, ..."
        ),
    ] = None,
    logits: Annotated[
        bool, typer.Option("--logits", help="The numbers are logits: their sigmoid is kept.")
    ] = False,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Take predictions of other programs into the workspace, to be a member like any model.

    A column for each label of the recipe, one row for each image of the split. A name that is
    imported again has the new predictions.
    """
    from cxrtui.current import current_holdings
    from jobs.imports import keep_imports, map_of, read_imports

    opened, holdings = current_holdings(workspace_root(context, workspace))
    with errors.status("reading"):
        ready = read_imports(holdings, name, files, split=split, image_column=image, logits=logits)
        told = [_told(one, map_of(holdings, one)) for one in ready]
    if not dry_run:
        keep_imports(opened, holdings, name, ready)
    if json_:
        print_json({"name": name, "kept": not dry_run, "files": told})
        return
    for one in told:
        replaced = one["split"] in holdings.imports.get(name, {})
        _print(name, one, replaced, dry_run)


def _told(one: "ReadyImport", mean: float) -> dict[str, Any]:
    return {
        "file": str(one.file),
        "split": one.predictions.split,
        "rows": len(one.predictions),
        "ignored": list(one.ignored),
        "map": None if math.isnan(mean) else mean,
    }


def _print(name: str, one: dict[str, Any], replaced: bool, dry_run: bool) -> None:
    what = f"{name}: {one['split']}, {one['rows']:,} images from {one['file']}"
    mean = "" if one["map"] is None else f", mAP {one['map']:.3f}"
    print_text(what + mean + (", in place of what it had" if replaced else ""))
    if one["ignored"]:
        print_text(f"  not used: column {', '.join(one['ignored'])}")
    if dry_run:
        print_text("  would be imported: nothing was written")
