"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from cxrtui.completion import members, recipes

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        help="The workspace; else $CXRTUI_WORKSPACE, else ./.cxrtui.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
RecipeOption = Annotated[
    str | None,
    typer.Option(
        "--recipe",
        "-r",
        metavar="R",
        help="A shipped recipe's name, or a TOML file.",
        autocompletion=recipes,
    ),
]
DataOption = Annotated[
    str | None,
    typer.Option("--data", "-d", metavar="DIR", help="The data folder."),
]
MembersArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="MEMBER",
        help="Models or imports, such as model3 or model3=2 (a weight), or an ensemble.",
        autocompletion=members,
    ),
]
ViewRuleOption = Annotated[
    str | None, typer.Option("--views", help="none, frontal-mean or study-mean.")
]
AveragingOption = Annotated[
    str | None,
    typer.Option("--averaging", help="Of the members' probabilities, logits or ranks."),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]


def workspace_root(context: typer.Context, given: Path | None) -> Path:
    """The workspace's folder, from the option after the verb, before it, or the environment."""
    from jobs.paths import find_root

    return find_root(given or context.find_root().params.get("workspace"))
