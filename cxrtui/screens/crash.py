"""What goes wrong unexpectedly: one line for a person, and the whole story in a file."""

import time
import traceback
from pathlib import Path
from tempfile import gettempdir
from typing import Final

from cxrtui import __version__
from cxrtui.show.plain import plain

FILE_NAME: Final = "dashboard-crash.txt"
_MOST_BYTES: Final = 1 << 20  # then it begins anew


def keep_crash(root: Path, error: BaseException) -> str:
    """Write an error's traceback into the workspace, or else beside it where that is possible.

    Answers one line for a person, which names the file.
    """
    told = " ".join(str(error).split())
    line = plain(f"{type(error).__name__}: {told}" if told else type(error).__name__)
    when = time.strftime("%Y-%m-%d %H:%M:%S")
    story = f"{when} cxrtui {__version__}\n{''.join(traceback.format_exception(error))}\n"
    for folder in (root, Path(gettempdir())):
        path = folder / FILE_NAME
        try:
            _append(path, story)
        except OSError:
            continue
        return f"{line} (more in {plain(path)})"
    return line


def _append(path: Path, story: str) -> None:
    is_full = path.exists() and path.stat().st_size > _MOST_BYTES
    with path.open("w" if is_full else "a", encoding="utf-8", errors="replace") as file:
        file.write(story)
