"""Where the label files and the images of a data set lie below its folder."""

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from jobs.data.faults import Faults
from jobs.data.sheet import Sheet
from jobs.recipe.schema import DataSettings


def label_file(root: Path, name: str, folder: str) -> Path:
    """Where a file lies, packed (`.gz`) or not: in `root`, else in `folder` below it."""
    names = (name, f"{name}.gz")
    places = (place / one for place in (root, root / folder) for one in names)
    usual = root / folder / name if (root / folder).is_dir() else root / name
    return next((file for file in places if file.is_file()), usual)


def one_file(root: Path, pattern: str, usual: str, faults: Faults) -> Path:
    """The file of `root` that has a name of this pattern, else that with the `usual` name.

    Raises InputError, after telling it, where there are several.
    """
    files = sorted(root.glob(pattern))
    if len(files) > 1:
        others = " and ".join(file.name for file in files[1:])
        raise faults.stop(files[0], f"{others} is there too: which one counts?")
    return files[0] if files else root / usual


def check_folder(root: Path, settings: DataSettings, faults: Faults) -> None:
    """Raise InputError, after telling it, where the recipe names a folder that is not there."""
    if settings.images is None:
        return
    if not is_below(settings.images):
        raise faults.stop(Path(settings.images), "images must be a folder below the data folder")
    if not (root / settings.images).is_dir():
        raise faults.stop(root / settings.images, "no such folder of images")


def is_below(path: str) -> bool:
    """Whether a path stays in the folder that it is relative to."""
    return not path.startswith("/") and ".." not in path.split("/")


def below(settings: DataSettings, paths: NDArray[np.str_]) -> NDArray[np.str_]:
    """The paths (N,) relative to the data folder, of those relative to the recipe's `images`."""
    if settings.images is None:
        return paths
    folder = PurePosixPath(settings.images).as_posix()
    return np.char.add(f"{folder}/", paths) if folder != "." else paths


def check_paths(sheet: Sheet, column: str, *, needed: bool = True) -> NDArray[np.str_]:
    """A column of paths (N,); a row is bad where the path leads out of the data folder.

    So it is where there is none, if it is `needed`.
    """
    texts = [text.strip() for text in sheet.coded(column).distinct]
    problems = {}
    joined = "\n".join(["", *texts])  # one search in all of them tells that nothing is wrong
    if ".." in joined or "\n/" in joined:
        problem = "it must be relative to the data folder"
        problems = {at: problem for at, text in enumerate(texts) if not is_below(text)}
    if joined.count("\n") != len(texts) or "\t" in joined:
        problem = "a path has no line breaks and tabs"
        problems |= {at: problem for at, text in enumerate(texts) if set("\n\t") & set(text)}
    if needed:
        problems |= {at: "there must be a path" for at, text in enumerate(texts) if not text}
    sheet.tell_where(column, problems)
    return sheet.mapped(column, texts)


def find_images(
    root: Path, settings: DataSettings, names: NDArray[np.str_], folders: Iterable[str]
) -> NDArray[np.str_]:
    """Paths (N,) relative to `root` of files of which only the names are known.

    `folders` are patterns of folders, relative to the recipe's `images`, else to `root`. They are
    listed once, since a look at each file takes far longer; where all images can only lie in one
    folder it is not even listed. What is nowhere gets the path that it would have in the first.
    """
    base = root / (settings.images or ".")
    found = {folder for pattern in folders for folder in base.glob(pattern) if folder.is_dir()}
    there = sorted(found | ({base} if settings.images else set()))
    prefixes = [f"{folder.relative_to(root).as_posix()}/".removeprefix("./") for folder in there]
    if len(there) <= 1:
        return np.char.add(prefixes[0] if prefixes else "", names)
    at: dict[str, str] = {}
    for folder, prefix in zip(there, prefixes, strict=True):
        with os.scandir(folder) as entries:
            at |= {entry.name: prefix for entry in entries if entry.name not in at}
    return np.array([at.get(name, prefixes[0]) + name for name in names.tolist()], dtype=np.str_)
