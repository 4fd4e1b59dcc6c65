"""`cxrtui ensemble`: score a choice of members, save it under a name."""

import math
from typing import Annotated

import typer

from cxrtui.completion import members
from cxrtui.options import JsonOption, WorkspaceOption, workspace_root
from cxrtui.output import console, print_json

app = typer.Typer(help="Choices of members and how they score.", no_args_is_help=True)

Members = Annotated[
    list[str],
    typer.Argument(
        help="Models, such as model3 or model3=2 (a weight), or an ensemble.",
        autocompletion=members,
    ),
]
ViewRuleOption = Annotated[
    str | None, typer.Option("--views", help="none, frontal-mean or study-mean.")
]


@app.command("list")
def list_(
    context: typer.Context, json_: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """The ensembles of the recipe, and those that were saved."""
    from cxrtui.current import current_holdings
    from cxrtui.show.plain import plain
    from jobs.picking import known_choices

    _, holdings = current_holdings(workspace_root(context, workspace))
    choices = known_choices(holdings)
    if json_:
        print_json([{"name": name, **vars(choice)} for name, choice in choices.items()])
        return
    for name, choice in choices.items():
        members = ", ".join(f"{model}={weight:g}" for model, weight in choice.weights.items())
        console.print(plain(f"{name}: {members}; views {choice.view_rule}"), soft_wrap=True)


@app.command()
def score(
    context: typer.Context,
    members: Members,
    views: ViewRuleOption = None,
    split: Annotated[str, typer.Option("--split", help="dev, test or val.")] = "dev",
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """AP of each label for a choice of members."""
    from cxrtui.current import current_holdings
    from cxrtui.show.score import score_table
    from jobs.picking import choose, score_choice

    _, holdings = current_holdings(workspace_root(context, workspace))
    choice = choose(holdings, members, views)
    result = score_choice(holdings, choice, split)
    if not json_:
        console.print(score_table(holdings.recipe.labels, result))
        return
    per_label = dict(zip(holdings.recipe.labels, map(_number, result.per_label), strict=True))
    groups = {name: _number(mean) for name, mean in result.groups.items()}
    print_json(
        {
            "members": list(choice.weights),
            "weights": choice.weights,
            "view_rule": choice.view_rule,
            "split": split,
            "per_label": per_label,
            "map": _number(result.map),
            "groups": groups,
        }
    )


@app.command()
def save(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What to call it.")],
    members: Members,
    views: ViewRuleOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Keep a choice of members under a name."""
    from cxrtui.current import current_holdings
    from jobs.picking import choose, save_choice

    opened, holdings = current_holdings(workspace_root(context, workspace))
    save_choice(opened, holdings, name, choose(holdings, members, views))
    console.print(f"saved {name}")


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
