"""A small workspace for the Ensemble screen: ties, labels without positives, studies of views."""

from pathlib import Path

from dashboard_workspace import Fixture, queued_workspace

from jobs.recipe.schema import PhantomSettings

SMALL = PhantomSettings(
    train_images=400, development_images=80, test_images=70, size=32, least_share=0.01
)
SKILL = {"model0": 0.35, "model1": 0.3, "model3": 0.55, "model4": 0.5, "model6": 0.45}
NO_POSITIVES = "Hernia"


def small_workspace(root: Path, models: dict[str, float] = SKILL) -> Fixture:
    """Predictions in steps of 1/64, so that many images tie; model7 of the poster has none.

    Binary steps leave no mean of a study on the border between two float32 numbers, where its
    rounding, and so a tie, would hang on the order of the additions.
    """
    made = queued_workspace(root, phantom=SMALL, never=(NO_POSITIVES,))
    for model, skill in models.items():
        made.predict(model, skill, levels=64)
    return made
