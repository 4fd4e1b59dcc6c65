"""What must be known of the data before anything can be queued: where it is, and its splits."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from db.records import TargetSetRecord
from jobs.data.faults import Faults
from jobs.data.reading import read_dataset, read_excluded
from jobs.data.table import ImageTable
from jobs.durable import write_atomic
from jobs.errors import InputError
from jobs.paths import ROOT_FROM_JOB, WorkspacePaths, image_list
from jobs.planned import DataFacts
from jobs.recipe.schema import Recipe
from jobs.spec import KeptFile
from jobs.targets import write_targets

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class PreparedData:
    """A data folder that has been read."""

    root: Path
    tables: dict[str, ImageTable]
    excluded: frozenset[str]  # paths of images that the recipe leaves out
    left_out: dict[str, int] = field(default_factory=dict)  # file -> rows that cannot be used

    @cached_property
    def fingerprints(self) -> dict[str, str]:
        """The fingerprint of each split."""
        return {split: table.fingerprint() for split, table in self.tables.items()}

    @cached_property
    def images(self) -> bytes:
        """The paths of all images, sorted, a line each: whatever their splits.

        Those that the recipe leaves out are among them, so that a pack that lacks them stays the
        pack of this data.
        """
        listed = (table.path.tolist() for table in self.tables.values())
        return "".join(f"{path}\n" for path in sorted(self.excluded.union(*listed))).encode()

    def facts(self, kept: Sequence[TargetSetRecord] = ()) -> DataFacts:
        """What jobs need to know; `kept` are the targets that have been written."""
        targets = {
            one.split: KeptFile(path=f"{ROOT_FROM_JOB}/{one.path}", sha256=one.sha256)
            for one in kept
        }
        digest = hashlib.sha256(self.images).hexdigest()
        images = KeptFile(path=f"{ROOT_FROM_JOB}/{image_list(digest)}", sha256=digest)
        count = self.images.count(b"\n")
        return DataFacts(self.root, images, count, self.fingerprints, targets)


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
    from jobs.data.phantom.identity import phantom_key

    return paths.phantoms / f"phantom-{phantom_key(recipe.data.phantom)[:8]}"


def prepare_data(root: Path, recipe: Recipe, progress: Progress | None = None) -> PreparedData:
    """Read the splits; a phantom that is not there yet is written first."""
    if recipe.data.phantom is not None and not root.exists():
        from jobs.data.phantom.write import write_phantom

        root.parent.mkdir(parents=True, exist_ok=True)
        write_phantom(root, recipe.data.phantom, progress)
    faults = Faults()
    tables = read_dataset(root, recipe.data, recipe.labels, faults)
    left_out = {file: len(lines) for file, lines in faults.left_out.items() if lines}
    excluded = frozenset(read_excluded(root, recipe.data, faults))
    return PreparedData(root, tables, excluded, left_out)


def keep_targets(paths: WorkspacePaths, data: PreparedData) -> list[TargetSetRecord]:
    """Keep the labels of each split, and the list of images, so that no job needs a CSV.

    The same table gives the same bytes, so that to write again is to mend.
    """
    images = paths.root / image_list(hashlib.sha256(data.images).hexdigest())
    images.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(images, data.images)
    paths.targets.mkdir(parents=True, exist_ok=True)
    kept = []
    for split, table in data.tables.items():
        fingerprint = data.fingerprints[split]
        path = paths.targets / f"{fingerprint[:16]}.parquet"
        sha256 = write_targets(path, table)
        relative = str(path.relative_to(paths.root))
        kept.append(TargetSetRecord(split, fingerprint, relative, sha256, len(table)))
    return kept
