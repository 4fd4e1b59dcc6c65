"""Recipes by name or by path: the shipped ones, and a user's own TOML files."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from jobs.errors import InputError
from jobs.recipe.check import check_recipe
from jobs.recipe.problem import nearest
from jobs.recipe.schema import Recipe


@dataclass(frozen=True)
class LoadedRecipe:
    """A recipe, the TOML that it was read from, and where that came from."""

    recipe: Recipe
    text: str
    source: str  # name of a shipped recipe, or path of a file


def shipped_recipes() -> tuple[str, ...]:
    """Names of the recipes that come with the package, sorted."""
    folder = files("jobs.recipe") / "shipped"
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def read_recipe_text(name_or_path: str) -> str:
    """The TOML of a shipped recipe or of a file; InputError where there is none to read."""
    if name_or_path in shipped_recipes():
        return (files("jobs.recipe") / "shipped" / f"{name_or_path}.toml").read_text("utf-8")
    path = Path(name_or_path)
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        hint = nearest(name_or_path, shipped_recipes())
        message = f"{name_or_path}: neither a file nor the name of a shipped recipe{hint}"
        raise InputError(message) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{line}: no UTF-8 text; save the file as UTF-8") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{name_or_path}: cannot be read: {reason}") from None


def load_recipe(name_or_path: str) -> LoadedRecipe:
    """Read and check a shipped recipe or a TOML file; InputError in one line if it is wrong."""
    text = read_recipe_text(name_or_path)
    return LoadedRecipe(parse_recipe(text, name_or_path), text, name_or_path)


def parse_recipe(text: str, source: str) -> Recipe:
    """Read and check the TOML `text`; `source` names it in the InputError of its first problem."""
    checked = check_recipe(text)
    if checked.recipe is not None:
        return checked.recipe
    first, *others = checked.problems
    more = f" (and {len(others)} more; see: cxrtui recipe check {source})" if others else ""
    raise InputError(f"{source}:{first}{more}")
