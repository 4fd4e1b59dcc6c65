"""Begin a recipe of one's own from another one."""

import re
from pathlib import Path

from jobs.errors import InputError
from jobs.recipe.check import check_recipe
from jobs.recipe.load import read_recipe_text

_NAME_LINE = re.compile(r"^name *= *.*$", re.MULTILINE)


def new_recipe(file: Path, origin: str) -> str:
    """Write `file`, a copy of recipe `origin` named after the file; returns its name.

    The old name stays where the file's would not do. InputError if `file` exists already, or
    cannot be written.
    """
    text = read_recipe_text(origin)
    renamed = _NAME_LINE.sub(f'name = "{file.stem}"', text, count=1)
    checked = check_recipe(renamed)
    if checked.recipe is None:
        renamed, checked = text, check_recipe(text)
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(renamed)
    except FileExistsError:
        raise InputError(f"{file}: is there already; choose another file") from None
    except OSError as error:
        raise InputError(f"{file}: cannot be written: {error.strerror}") from None
    return checked.recipe.name if checked.recipe else ""
