"""A tiny data folder in the CXR-LT 2023 format."""

from pathlib import Path

from jobs.data.phantom.write import write_phantom
from jobs.recipe.schema import PhantomSettings


def write_small_phantom(root: Path) -> Path:
    """60 train, 24 development and 30 test images of 32 px; each label has positives."""
    settings = PhantomSettings(
        train_images=60, development_images=24, test_images=30, size=32, least_share=0.15
    )
    write_phantom(root, settings)
    return root
