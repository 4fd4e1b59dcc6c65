"""What the exit code of a program says; programs end with them, the supervisor reads them."""

from typing import Final

STOPPED: Final = 75  # at a checkpoint, as asked
OUT_OF_MEMORY: Final = 76
LOSS_NOT_FINITE: Final = 77
BAD_INPUT: Final = 78
NO_ROOM: Final = 79

FAILURES: Final = {
    OUT_OF_MEMORY: "out of memory",
    LOSS_NOT_FINITE: "the loss is not finite",
    BAD_INPUT: "bad settings or data",
    NO_ROOM: "no room on the disk",
}
