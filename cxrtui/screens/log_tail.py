"""The last lines of a log, made harmless."""

import re
from pathlib import Path
from typing import Final

from cxrtui.show.plain import plain

BYTES: Final = 32_768
# Sequences that colour text or move the cursor (ECMA-48), and titles of windows.
_SEQUENCE: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-_]"
)


def read_tail(path: Path) -> tuple[str, ...]:
    """The last lines of a file without escape codes; of a line that was overwritten, its end.

    A file that is not there has no lines. Raises OSError if it cannot be read.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - BYTES))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ()
    lines = text.rstrip().split("\n")
    if size > BYTES:
        lines = lines[1:]
    return tuple(_clean(line) for line in lines) if lines != [""] else ()


def _clean(line: str) -> str:
    shown = line.rstrip("\r").rpartition("\r")[2]
    return plain(_SEQUENCE.sub("", shown).expandtabs(8))
