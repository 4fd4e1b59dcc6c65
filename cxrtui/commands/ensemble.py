"""`cxrtui ensemble`: choices of members listed, scored, saved under a name."""

import math
from typing import Annotated

import typer

from cxrtui.commands.ensemble_export import export
from cxrtui.commands.ensemble_import import import_
from cxrtui.commands.ensemble_search import search
from cxrtui.completion import members as known_members
from cxrtui.options import (
    AveragingOption,
    JsonOption,
    MembersArgument,
    ViewRuleOption,
    WorkspaceOption,
    workspace_root,
)
from cxrtui.output import console, print_json, print_text

app = typer.Typer(help="Choices of members and how they score.", no_args_is_help=True)


@app.command("list")
def list_(
    context: typer.Context,
    imports: Annotated[
        bool, typer.Option("--imports", help="The imported predictions instead.")
    ] = False,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """The ensembles of the recipe, and those that were saved, each with its key.

    Equal keys predict the same. A saved ensemble has the key that it was saved with.
    """
    from cxrtui.current import current_holdings
    from cxrtui.show.ensembles import ensemble_lines, ensembles_json, import_lines, imports_json

    _, holdings = current_holdings(workspace_root(context, workspace))
    if json_:
        print_json(imports_json(holdings) if imports else ensembles_json(holdings))
        return
    for line in import_lines(holdings) if imports else ensemble_lines(holdings):
        print_text(line)


@app.command()
def score(
    context: typer.Context,
    members: MembersArgument,
    views: ViewRuleOption = None,
    averaging: AveragingOption = None,
    split: Annotated[str, typer.Option("--split", help="dev, test or val.")] = "dev",
    confidence: Annotated[
        bool, typer.Option("--confidence", help="Show 95 % intervals over patients.")
    ] = False,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="NAME",
            help="Show the difference to a member or an ensemble, with its interval.",
            autocompletion=known_members,
        ),
    ] = None,
    resamples: Annotated[int, typer.Option("--resamples", min=100, max=100_000)] = 1000,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """AP of each label for a choice of members."""
    from cxrtui.current import current_holdings
    from cxrtui.show.ensembles import warn_of_changes
    from cxrtui.show.score import confidence_json, legends, score_table
    from jobs.choice_confidence import choice_confidence
    from jobs.picking import choice_key, choose, score_choice

    _, holdings = current_holdings(workspace_root(context, workspace))
    choice = choose(holdings, members, views, averaging)
    warn_of_changes(holdings, members)
    result = score_choice(holdings, choice, split)
    known = None
    if confidence or against is not None:
        other = None if against is None else choose(holdings, [against], None, None)
        known = choice_confidence(holdings, split, choice, other, resamples)
    if not json_:
        console.print(score_table(holdings.recipe.labels, result, known))
        for line in legends(known) if known is not None else ():
            console.print(line, style="dim")
        return
    per_label = dict(zip(holdings.recipe.labels, map(_number, result.per_label), strict=True))
    groups = {name: _number(mean) for name, mean in result.groups.items()}
    print_json(
        {
            "members": list(choice.weights),
            "weights": choice.weights,
            "averaging": choice.averaging,
            "view_rule": choice.view_rule,
            "key": choice_key(holdings, choice),
            "split": split,
            "per_label": per_label,
            "map": _number(result.map),
            "groups": groups,
            **(confidence_json(known) if known is not None else {}),
        }
    )


@app.command()
def save(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What to call it.")],
    members: MembersArgument,
    views: ViewRuleOption = None,
    averaging: AveragingOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Keep a choice of members under a name."""
    from cxrtui.current import current_holdings
    from jobs.picking import choice_key, choose, save_choice

    opened, holdings = current_holdings(workspace_root(context, workspace))
    choice = choose(holdings, members, views, averaging)
    save_choice(opened, holdings, name, choice)
    console.print(f"saved {name} (key {choice_key(holdings, choice)[:8]})")


app.command("search")(search)
app.command("import")(import_)
app.command("export")(export)


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
