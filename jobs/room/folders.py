"""Files and folders as what takes room on the disk."""

import os
from pathlib import Path

BLOCK_BYTES = 512  # of `st_blocks`, whatever the file system's own block is


def bytes_of(path: Path) -> int:
    """Bytes on the disk that a file, or a folder with all in it, takes; 0 if it is gone."""
    total = 0
    for one in (path, *(Path(at, name) for at, _, names in os.walk(path) for name in names)):
        try:
            total += one.lstat().st_blocks * BLOCK_BYTES
        except FileNotFoundError:
            continue
    return total


def remove_if_empty(folder: Path, top: Path) -> None:
    """Remove a folder if it is empty, then those above it that are, but not `top`."""
    while folder != top and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
