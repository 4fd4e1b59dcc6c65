"""What a saved ensemble was made of, beside what its members are now."""

from dataclasses import dataclass

from db.records import EnsembleRecord
from jobs.loading import RecipeHoldings


@dataclass(frozen=True)
class Changed:
    """A member of a saved ensemble that is not what it was when the ensemble was saved."""

    member: str
    was: str  # its key then
    now: str | None  # its key now; None: there is no such member any more
    why: str


def changed_members(holdings: RecipeHoldings, saved: EnsembleRecord) -> list[Changed]:
    """Those whose key is another one now; nothing of ensembles whose keys were not kept."""
    found = []
    for member, was in saved.member_keys.items():
        if was is None:
            continue
        is_there = member in holdings.models or member in holdings.imports
        now = holdings.member_key(member) if is_there else None
        if now != was:
            found.append(Changed(member, was, now, _why(holdings, member)))
    return found


def _why(holdings: RecipeHoldings, member: str) -> str:
    if member in holdings.models:
        return "is trained with other settings or data now"
    return "was imported anew" if member in holdings.imports else "is gone"
