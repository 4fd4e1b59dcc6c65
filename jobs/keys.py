"""Content keys: jobs with equal keys give equal results, so one of them is enough."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from jobs.durable import content_hash, sha256_file
from jobs.errors import InputError
from jobs.recipe.schema import Model, PixelSettings
from jobs.spec import MEANINGS

PREDICTED_SPLITS: Final = ("val", "dev", "test")


def master_of(size: int, pixels: PixelSettings) -> int | None:
    """The size whose pack a pack of `size` comes from; None: from the image files."""
    return pixels.master if pixels.master is not None and size < pixels.master else None


def pack_key(size: int, pixels: PixelSettings, root: Path, images: str) -> str:
    """Hash of all that decides a pack: the images, where they lie, and how they are resized."""
    return content_hash(
        {
            "kind": "pack",
            "root": str(root),
            "images": images,
            "pixels": _pixels(size, pixels),
            "meaning": MEANINGS["pack"],
        }
    )


def train_key(
    model: Model,
    parent_key: str | None,
    pixels: PixelSettings,
    fingerprints: Mapping[str, str],
) -> str:
    """Hash of all that decides the weights: settings, parent, train and val, the programs' meaning.

    Names are left out: a model that is renamed keeps its key, and so does its parent's. So is the
    place of the images: a data folder may be moved.
    """
    settings = model.settings.model_dump(exclude={"pre_weight", "imagenet_file"})
    return content_hash(
        {
            "kind": "train",
            "settings": settings,
            "pixels": _pixels(model.settings.image_size, pixels),
            "pre_weight": parent_key or model.settings.pre_weight,
            "imagenet": _file_hash(model),
            "data": {split: fingerprints[split] for split in ("train", "val")},
            "meaning": [MEANINGS["pack"], MEANINGS["train"]],
        }
    )


def predict_key(trained: str, fingerprints: Mapping[str, str]) -> str:
    """Hash of all that decides the predictions of a trained model."""
    return content_hash(
        {
            "kind": "predict",
            "train": trained,
            "data": {split: fingerprints[split] for split in PREDICTED_SPLITS},
            "meaning": MEANINGS["predict"],
        }
    )


def _pixels(size: int, pixels: PixelSettings) -> dict[str, object]:
    return {"size": size, "resize": pixels.resize, "master": master_of(size, pixels)}


def _file_hash(model: Model) -> str | None:
    if model.settings.pre_weight != "imagenet" or model.settings.imagenet_file is None:
        return None
    path = Path(model.settings.imagenet_file)
    try:
        return sha256_file(path)
    except OSError as error:
        raise InputError(
            f"{path}: imagenet_file of {model.name}: {error.strerror}: give the path of the weights"
        ) from error
