"""Picks as settings that a workspace keeps, and picks from settings of any age."""

from collections.abc import Mapping

from cxrtui.screens.away.file import Setting
from cxrtui.screens.ensemble.bases import base_of
from cxrtui.screens.ensemble.picks import SPLITS, Picks
from jobs.recipe.schema import AVERAGINGS, VIEW_RULES


def settings_of(picks: Picks) -> dict[str, Setting]:
    """The members are one text, such as `model3 model4=2`; no text if nobody has chosen yet."""
    found: dict[str, Setting] = {
        "split": picks.split,
        "view_rule": picks.view_rule,
        "frontal_weight": picks.frontal_weight,
        "averaging": picks.averaging,
        "base": picks.base.text,
    }
    if picks.ticked is not None:
        found["members"] = " ".join(_member(picks, name) for name in sorted(picks.ticked))
    return found


def restore_settings(picks: Picks, settings: Mapping[str, Setting]) -> None:
    """Take over what still makes sense; without members the recipe's ensemble is what it was."""
    members = settings.get("members")
    if not isinstance(members, str):
        return
    weights = dict(_weight(text) for text in members.split())
    picks.ticked = set(weights)
    picks.weights = {name: weight for name, weight in weights.items() if weight != 1}
    split, base = settings.get("split"), base_of(str(settings.get("base", "")))
    picks.split = next((one for one in SPLITS if one == split), picks.split)
    for rule in VIEW_RULES:
        if rule == settings.get("view_rule"):
            picks.view_rule = rule
    for averaging in AVERAGINGS:
        if averaging == settings.get("averaging"):
            picks.averaging = averaging
    frontal = settings.get("frontal_weight")
    if isinstance(frontal, int | float) and 0 <= frontal <= 1:
        picks.frontal_weight = float(frontal)
    if base is not None:
        picks.base = base


def _member(picks: Picks, name: str) -> str:
    weight = picks.weight(name)
    return name if weight == 1 else f"{name}={weight!r}"


def _weight(text: str) -> tuple[str, float]:
    """A member and its weight, which is 1 if it is not a positive number."""
    name, _, weight = text.partition("=")
    try:
        value = float(weight or "1")
    except ValueError:
        value = 1.0
    return name, value if 0 < value < float("inf") else 1.0
