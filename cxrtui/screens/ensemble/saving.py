"""What the Ensemble screen writes: an ensemble under a name, its predictions as a file."""

from pathlib import Path
from typing import TYPE_CHECKING

from cxrtui.screens.ensemble.work import Pick
from jobs.errors import InputError
from jobs.workspace import Workspace

if TYPE_CHECKING:
    from jobs.export import Exported


def refuse_read_only(workspace: Workspace) -> None:
    """InputError for a workspace in which nothing can be saved."""
    if not workspace.database.can_write:
        raise InputError(f"{workspace.paths.root}: this folder is read-only: nothing can be saved")


def save(workspace: Workspace, recipe: str, name: str, pick: Pick) -> None:
    """Save a pick under a name, in the journal and in the database.

    Raises InputError for a name that is none, or that the recipe has already, and for a workspace
    that is read-only.
    """
    # Imported here: pyarrow costs a fifth of the start-up.
    from jobs.loading import RecipeHoldings
    from jobs.picking import save_choice

    refuse_read_only(workspace)
    save_choice(workspace, RecipeHoldings(workspace, recipe), name, pick.choice)


def export(
    workspace: Workspace, recipe: str, pick: Pick, file: Path, *, replace: bool
) -> "Exported":
    """Write what a pick predicts for its split; the file's ending says in which format.

    Raises InputError for another ending, a file that is there and not to be replaced, and for
    what the split or the data folder lacks; OSError if it cannot be written.
    """
    from jobs.export import export_choice, export_format
    from jobs.loading import RecipeHoldings

    format_ = export_format(file, None)
    holdings = RecipeHoldings(workspace, recipe)
    return export_choice(workspace, holdings, pick.choice, pick.split, file, format_, force=replace)
