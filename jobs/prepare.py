"""What must be known of the data before anything can be queued: where it is, and its splits."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from db.records import TargetSetRecord
from jobs.data.reading import read_dataset
from jobs.data.table import ImageTable
from jobs.durable import content_hash
from jobs.errors import InputError
from jobs.paths import WorkspacePaths
from jobs.recipe.schema import Recipe
from jobs.targets import write_targets

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class PreparedData:
    """A data folder that has been read."""

    root: Path
    tables: dict[str, ImageTable]

    @property
    def fingerprints(self) -> dict[str, str]:
        """The fingerprint of each split."""
        return {split: table.fingerprint() for split, table in self.tables.items()}


def data_root(paths: WorkspacePaths, recipe: Recipe, given: str | None) -> Path:
    """The folder with the data: as given, else that of the phantom which the recipe describes.

    InputError if there is none, and no phantom to write.
    """
    if given is not None:
        folder = Path(given).absolute()
        if not folder.is_dir():
            raise InputError(f"{folder}: no such data folder: name it with --data")
        return folder
    if recipe.data.phantom is None:
        raise InputError(
            f"recipe {recipe.name} needs a data folder: name it with --data, or try recipe demo"
        )
    from jobs.data.phantom import DRAWING

    key = content_hash({"drawing": DRAWING, "settings": recipe.data.phantom.model_dump()})
    return paths.phantoms / f"phantom-{key[:8]}"


def prepare_data(root: Path, recipe: Recipe, progress: Progress | None = None) -> PreparedData:
    """Read the splits; a phantom that is not there yet is written first."""
    if recipe.data.phantom is not None and not root.exists():
        from jobs.data.phantom import write_phantom

        root.parent.mkdir(parents=True, exist_ok=True)
        write_phantom(root, recipe.data.phantom, progress)
    return PreparedData(root, read_dataset(root, recipe.data, recipe.labels))


def keep_targets(paths: WorkspacePaths, data: PreparedData) -> list[TargetSetRecord]:
    """Keep the labels of each split in the workspace, so that scoring needs no CSV.

    The same table gives the same bytes, so that to write again is to mend.
    """
    paths.targets.mkdir(parents=True, exist_ok=True)
    kept = []
    for split, table in data.tables.items():
        fingerprint = table.fingerprint()
        path = paths.targets / f"{fingerprint[:16]}.parquet"
        sha256 = write_targets(path, table)
        relative = str(path.relative_to(paths.root))
        kept.append(TargetSetRecord(split, fingerprint, relative, sha256, len(table)))
    return kept
