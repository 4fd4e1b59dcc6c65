"""`chunks.jsonl`: which chunks of a pack in the making are on the disk, with their checksums."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jobs.durable import write_atomic

RECORD: Final = "chunks.jsonl"

Size = tuple[int, int]  # width and height of an image's file


@dataclass(frozen=True)
class ChunkRecord:
    """A chunk whose pixels were flushed to the disk before this was written."""

    sha256: str
    sizes: tuple[Size | None, ...]  # by image; None: unreadable, its pixels are black

    @property
    def unreadable(self) -> list[int]:
        """Which of its images are lacking, from 0."""
        return [at for at, size in enumerate(self.sizes) if size is None]


class Record:
    """The chunks by number, kept in a file that only grows.

    Its first line is the work that they are part of; the record of another work is dropped.
    """

    def __init__(self, folder: Path, work: Mapping[str, Any]) -> None:
        self._path = folder / RECORD
        self._work = dict(work)
        self.chunks = self._read()

    def begin(self) -> None:
        """Write anew what is known, without a torn last line and without what was forgotten."""
        lines = [self._work, *(_line(*chunk) for chunk in self.chunks.items())]
        write_atomic(self._path, b"".join(json.dumps(line).encode() + b"\n" for line in lines))

    def add(self, number: int, chunk: ChunkRecord) -> None:
        """Note a chunk whose pixels are on the disk; on the disk when this returns."""
        self.chunks[number] = chunk
        with self._path.open("ab") as file:
            file.write(json.dumps(_line(number, chunk)).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _read(self) -> dict[int, ChunkRecord]:
        try:
            first, *others = self._path.read_bytes().split(b"\n")
            if json.loads(first) != self._work:
                return {}
        except (FileNotFoundError, ValueError):
            return {}
        found = {}
        for line in others[:-1]:  # behind the last line break there is nothing, or a torn line
            try:
                said = json.loads(line)
                sizes = tuple(
                    None if size is None else (size[0], size[1]) for size in said["sizes"]
                )
                found[int(said["chunk"])] = ChunkRecord(str(said["sha256"]), sizes)
            except (ValueError, KeyError, TypeError, IndexError):
                continue
        return found


def _line(number: int, chunk: ChunkRecord) -> dict[str, Any]:
    return {"chunk": number, "sha256": chunk.sha256, "sizes": chunk.sizes}
