"""How a program ends: its exit code says why, and one line on stderr says it to a person."""

import errno
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Final, NoReturn

from jobs.errors import DamagedError, InputError, JobsError, NoRoomError
from jobs.exit_codes import BAD_INPUT, LOSS_NOT_FINITE, NO_ROOM, OUT_OF_MEMORY, STOPPED
from jobs.kernel import die_with_parent

_TRAIN_PACKAGES: Final = ("safetensors", "timm", "torch", "torchvision")
_NO_ROOM_ERRORS: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_MEMORY_WORDS: Final = ("out of memory", "can't allocate memory", "_STATUS_ALLOC_FAILED")


class StoppedError(JobsError):
    """Ended as asked; what was done up to the last checkpoint is kept."""


class LossNotFiniteError(JobsError):
    """The loss is NaN or infinite: training cannot go on from here."""


class Stop:
    """Notes the first SIGTERM (or Ctrl+C) and ignores the later ones."""

    def __init__(self) -> None:
        self.asked = False

    def check(self) -> None:
        """Raise StoppedError if the program has been asked to stop."""
        if self.asked:
            raise StoppedError("stopped as asked")

    def listen(self) -> Callable[[], None]:
        """Install the signal handlers; the function returned puts the old ones back."""
        both = (signal.SIGTERM, signal.SIGINT)
        former = {one: signal.signal(one, self._note) for one in both}

        def restore() -> None:
            for one, handler in former.items():
                signal.signal(one, handler)

        return restore

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.asked = True


def run_program(program: Callable[[list[str], Stop], None], argv: list[str]) -> int:
    """Run `program` and return the exit code of this attempt; other errors keep their traceback."""
    stop = Stop()
    restore = stop.listen()
    try:
        program(argv, stop)
    except StoppedError as error:
        return _end(STOPPED, error)
    except LossNotFiniteError as error:
        return _end(LOSS_NOT_FINITE, error)
    except (InputError, DamagedError) as error:
        return _end(NO_ROOM if isinstance(error, NoRoomError) else BAD_INPUT, error)
    except ModuleNotFoundError as error:
        if error.name not in _TRAIN_PACKAGES:
            raise
        return _end(BAD_INPUT, f"{error.name} is not installed here: pip install 'cxrtui[train]'")
    except OSError as error:
        if error.errno not in _NO_ROOM_ERRORS:
            raise
        return _end(NO_ROOM, f"{error.filename or 'disk'}: {error.strerror}")
    except (MemoryError, RuntimeError) as error:
        if not _is_out_of_memory(error):
            raise
        return _end(OUT_OF_MEMORY, str(error).partition(". ")[0] or "out of memory")
    finally:
        restore()
    return 0


def die_with(parent: int) -> None:
    """KILL this process when the thread of `parent` that started it ends; now, if it has."""
    die_with_parent(signal.SIGKILL)
    if os.getppid() != parent:
        leave(1)


def leave(code: int) -> NoReturn:
    """End the process at once: all files are closed, and taking torch down costs a second."""
    with suppress(OSError):  # the log may be on the very disk that is full
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def use_threads() -> int | None:
    """The number of CPU threads that the environment grants, if it says one."""
    text = os.environ.get("OMP_NUM_THREADS", "")
    return int(text) if text.isdecimal() and int(text) > 0 else None


def _is_out_of_memory(error: Exception) -> bool:
    # torch has a type of its own for CUDA only, and this module must not import torch.
    return isinstance(error, MemoryError) or any(word in str(error) for word in _MEMORY_WORDS)


def _end(code: int, reason: object) -> int:
    with suppress(OSError):
        print(" ".join(str(reason).split()), file=sys.stderr, flush=True)
    return code
