"""`cxrtui report`: all that the current recipe came to, on one page."""

from pathlib import Path
from typing import Annotated

import typer

from cxrtui.options import JsonOption, WorkspaceOption, workspace_root
from cxrtui.output import console, errors, print_json, print_text


def report(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder for index.html.", show_default=False)
    ],
    with_images: Annotated[
        bool,
        typer.Option("--with-images", help="Show the worst errors too; do not pass it on."),
    ] = False,
    resamples: Annotated[
        int,
        typer.Option("--resamples", min=100, max=100_000, help="Of the patients, for intervals."),
    ] = 1000,
    force: Annotated[bool, typer.Option("--force", help="Replace a report that is there.")] = False,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """One page that asks nothing of any network: tables, claims, curves, settings, provenance."""
    from cxrtui.current import current_holdings
    from cxrtui.report.contents import gather
    from cxrtui.report.page import check_folder, render, write_page

    opened, holdings = current_holdings(workspace_root(context, workspace))
    check_folder(folder, force=force)
    with errors.status("reading what there is") as status:
        contents = gather(opened, holdings, resamples, with_images=with_images, told=status.update)
        status.update("writing the page")
        path = write_page(folder, render(contents))
    size = path.stat().st_size
    if json_:
        print_json(
            {
                "path": str(path),
                "bytes": size,
                "images": contents.errors is not None,
                "missing": list(contents.missing),
            }
        )
        return
    print_text(f"{path}: {size / 1e6:.1f} MB")
    for sentence in contents.missing:
        print_text(sentence)
    if contents.errors is not None:
        console.print(
            "It holds images under the data's terms of use: do not pass it on.", style="bold"
        )
