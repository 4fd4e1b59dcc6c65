"""What a search for members has found, as the search dialog tells it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxrtui.show.signs import NOISE
from jobs.choice import Choice
from jobs.scoring.search import SUBSETS_OF, Progress
from jobs.workspace import Workspace

if TYPE_CHECKING:
    from cxrtui.screens.ensemble.work import Pick
    from jobs.ensemble_search import Judged, SearchReport


@dataclass(frozen=True)
class FoundChoice:
    """A choice that can be taken over, and its figures in one line."""

    choice: Choice
    members: str  # such as `model3 model4=2`
    figures: str


@dataclass(frozen=True)
class SearchTold:
    """The best first, the baseline last; in words what the choice was worth."""

    heading: str
    best: tuple[FoundChoice, ...]
    baseline: FoundChoice
    verdict: str


def is_greedy(members: int) -> bool:
    """Whether there are too many members to try every subset of them."""
    return members > SUBSETS_OF


def search(
    workspace: Workspace, recipe: str, pattern: "Pick", members: int, progress: Progress
) -> SearchTold:
    """Search as `ensemble search` does, under the view rule and the averaging of a pick.

    Raises InputError where there is nothing to search among, DamagedError for a changed file, and
    whatever `progress` raises: that ends the search.
    """
    # Imported here: pyarrow costs a fifth of the start-up.
    from jobs.ensemble_search import SearchSettings, search_ensembles
    from jobs.loading import RecipeHoldings

    settings = SearchSettings(
        pattern.split, pattern.view_rule, pattern.averaging, greedy=is_greedy(members)
    )
    holdings = RecipeHoldings(workspace, recipe)
    return _told(search_ensembles(holdings, [], settings, progress))


def _told(report: "SearchReport") -> SearchTold:
    from cxrtui.show.search import verdict

    first, second = report.patients
    best = tuple(
        _found(one, f"  gain {one.other_gain:+.3f}{NOISE if one.is_within_noise else ''}")
        for one in report.best
    )
    name = report.baseline_name
    return SearchTold(
        heading=f"{report.tried:,} tried: chosen on {first:,} patients, judged on {second:,}",
        best=best,
        baseline=_found(report.baseline, f"  {name}"),
        verdict=verdict(report),
    )


def _found(judged: "Judged", more: str) -> FoundChoice:
    low, high = float(judged.interval.low), float(judged.interval.high)
    figures = f"{judged.chosen_map:.3f} where chosen  {judged.other_map:.3f}"
    figures += f" ({low:.3f} to {high:.3f}) on others{more}"
    return FoundChoice(judged.choice, members_text(judged.choice), figures)


def members_text(choice: Choice) -> str:
    """Such as `model3 model4=2`: what `ensemble score` takes."""
    weights = sorted(choice.weights.items())
    return " ".join(name if one == 1 else f"{name}={one:g}" for name, one in weights)
