"""Ensembles and imports with their keys, as lines and for scripts, and what has changed of them."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from cxrtui.output import errors
from cxrtui.show.plain import plain
from jobs.choice import Choice
from jobs.loading import RecipeHoldings
from jobs.members import changed_members
from jobs.picking import choice_key, known_choices

_SHORT: Final = 8  # characters of a key that are shown
_NO_KEY: Final = "-" * _SHORT


def ensemble_lines(holdings: RecipeHoldings) -> Iterator[str]:
    """A line an ensemble, then one for each member that is not what it was when it was saved."""
    for name, choice in known_choices(holdings).items():
        key = (_key(holdings, name, choice) or _NO_KEY)[:_SHORT]
        members = ", ".join(f"{member}={weight:g}" for member, weight in choice.weights.items())
        how = f"averaging {choice.averaging}; views {choice.view_rule}"
        yield f"{name}: {key}: {members}; {how}"
        yield from (f"  {told}" for told in _changes(holdings, name))


def ensembles_json(holdings: RecipeHoldings) -> list[dict[str, Any]]:
    """Each with its key, null where none was kept, and the members that have changed."""
    return [
        {
            "name": name,
            **vars(choice),
            "key": _key(holdings, name, choice),
            "saved": name in holdings.saved,
            "changed": [vars(one) for one in changed_members(holdings, holdings.saved[name])]
            if name in holdings.saved
            else [],
        }
        for name, choice in known_choices(holdings).items()
    ]


def import_lines(holdings: RecipeHoldings) -> Iterator[str]:
    """A line an import, then one a split."""
    for name, sets in holdings.imports.items():
        yield f"{name}: {holdings.member_key(name)[:_SHORT]}"
        for split, one in sets.items():
            yield f"  {split}: {one.rows:,} images from {one.source}"


def imports_json(holdings: RecipeHoldings) -> list[dict[str, Any]]:
    """Each with its key and its splits."""
    return [
        {
            "name": name,
            "key": holdings.member_key(name),
            "splits": {split: vars(one) for split, one in sets.items()},
        }
        for name, sets in holdings.imports.items()
    ]


def warn_of_changes(holdings: RecipeHoldings, members: Sequence[str]) -> None:
    """Where the name of a saved ensemble was given, say on stderr what is not as it was saved."""
    if len(members) == 1 and members[0] in holdings.saved:
        for told in _changes(holdings, members[0]):
            errors.print(plain(f"cxrtui: {members[0]}: {told}"), soft_wrap=True)


def _key(holdings: RecipeHoldings, name: str, choice: Choice) -> str | None:
    """That which a saved ensemble was saved with; else by what the members are now."""
    if name in holdings.saved:
        return holdings.saved[name].key
    return choice_key(holdings, choice)


def _changes(holdings: RecipeHoldings, name: str) -> Iterator[str]:
    if name not in holdings.saved:
        return
    for one in changed_members(holdings, holdings.saved[name]):
        now = "" if one.now is None else f", its key is {one.now[:_SHORT]} now"
        yield f"{one.member} {one.why}: it was saved with key {one.was[:_SHORT]}{now}"
