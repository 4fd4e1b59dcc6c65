"""`cxrtui ensemble export`: what an ensemble predicts, for a challenge or for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from cxrtui.options import (
    AveragingOption,
    JsonOption,
    MembersArgument,
    ViewRuleOption,
    WorkspaceOption,
    workspace_root,
)
from cxrtui.output import errors, print_json, print_text


def export(
    context: typer.Context,
    members: MembersArgument,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Ends in .zip, .csv or .parquet.")
    ],
    split: Annotated[str, typer.Option("--split", help="test, dev or val.")] = "test",
    views: ViewRuleOption = None,
    averaging: AveragingOption = None,
    format_: Annotated[
        str | None, typer.Option("--format", "-f", help="zip, csv or parquet; else by the suffix.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Write what a choice of members predicts for a split.

    zip is a submission to CXR-LT: submission.csv with the rows and columns of the split's own CSV,
    which is read again and must be as it was. csv and parquet do without the data folder, and can
    be imported elsewhere.
    """
    from cxrtui.current import current_holdings
    from cxrtui.show.ensembles import warn_of_changes
    from jobs.export import export_choice, export_format
    from jobs.picking import choice_key, choose

    opened, holdings = current_holdings(workspace_root(context, workspace))
    choice = choose(holdings, members, views, averaging)
    warn_of_changes(holdings, members)
    chosen = export_format(out, format_)
    with errors.status("writing"):
        made = export_choice(opened, holdings, choice, split, out, chosen, force=force)
    key = choice_key(holdings, choice)
    if json_:
        print_json(
            {**vars(made), "file": str(made.file), "columns": list(made.columns), "key": key}
        )
        return
    print_text(
        f"{made.file}: {made.rows:,} images of {split}, {len(holdings.recipe.labels)} labels "
        f"(key {key[:8]})"
    )
