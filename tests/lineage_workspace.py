"""Workspaces whose models have curves that tests know: written into the real tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from dashboard_workspace import Fixture

from db.records import Point
from jobs.plan import add_entry, recipe_entry
from jobs.planned import DataFacts, plan_jobs
from jobs.queue.journal import record
from jobs.recipe.load import load_recipe
from jobs.recipe.schema import Recipe
from jobs.spec import KeptFile
from jobs.workspace import WorkspaceSettings, make_workspace

STEPS = 10  # an epoch
SPLITS = ("train", "val", "dev", "test")
POSTER = """
name = "figure"
labels = ["Atelectasis", "Edema"]
[run]
device = "any"
[defaults]
pre_weight = "none"
image_size = 40
batch_size = 32
[[stages]]
name = "stage1"
epochs = 6
[[stages]]
name = "stage2"
epochs = 4
[[models]]
name = "small"
stage = "stage1"
[[models]]
name = "staged"
stage = "stage2"
pre_weight = "small"
image_size = 80
[[models]]
name = "large1"
stage = "stage1"
optional = true
image_size = 80
[[models]]
name = "large2"
stage = "stage2"
optional = true
pre_weight = "large1"
image_size = 80
oversampling_threshold = 0.1
[figure]
lineages = ["staged", "large2"]
"""
REPEATED = POSTER.replace('name = "figure"', 'name = "repeated"\nseeds = [0, 1]', 1)


def lineage_workspace(root: Path, text: str = POSTER, *, queued: Sequence[str] = ()) -> Fixture:
    """A workspace of a recipe's text; `queued` names its models that are in the queue."""
    root.parent.mkdir(parents=True, exist_ok=True)
    path = root.with_suffix(".toml")
    path.write_text(text)
    workspace = make_workspace(root, WorkspaceSettings(str(path)))
    recipe = load_recipe(str(path)).recipe
    facts = DataFacts(root / "data", KeptFile(path="", sha256=""), 0, dict.fromkeys(SPLITS, "0"))
    planned = plan_jobs(recipe, facts)
    record(
        workspace,
        recipe_entry(recipe, text, root / "data", planned, []),
        add_entry(planned.of_models(recipe, set(queued or _names(recipe))), 0),
    )
    return Fixture(workspace, {})


def teach(made: Fixture, model: str, values: Sequence[float], first: int = 1) -> None:
    """An attempt whose epochs from `first` on have these val mAPs; losses are 1 and 2 minus it."""
    attempt = made.begin(model)
    points = []
    for epoch, value in enumerate(values, first):
        told = {
            ("train", "epoch_loss"): 1 - value,
            ("val", "loss"): 2 - value,
            ("val", "map"): value,
        }
        points += [
            Point(attempt, split, name, epoch * STEPS, float(epoch), 1e9 + epoch, number)
            for (split, name), number in told.items()
        ]
    made.add(*points)


def teach_all(made: Fixture, curves: Mapping[str, Sequence[float]]) -> Fixture:
    """One attempt for each model."""
    for model, values in curves.items():
        teach(made, model, values)
    return made


def _names(recipe: Recipe) -> list[str]:
    return [model.name for model in recipe.models]
