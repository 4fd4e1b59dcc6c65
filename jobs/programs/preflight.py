"""Tries a setting with random images: `python -P jobs/start.py jobs.programs.preflight SETTING`.

SETTING is JSON, see `jobs.preflight.setting`. One JSON line on stdout says what was measured; the
exit code is as in training, 76 where memory ran out. A second argument is the pid of the process
that wants to know: without it nobody does, and this one ends too.
"""

import sys

from pydantic import ValidationError

from jobs.errors import InputError
from jobs.preflight.setting import Setting
from jobs.programs.endings import Stop, die_with, leave, run_program
from jobs.programs.importing import without_collecting


def preflight(argv: list[str], stop: Stop) -> None:
    """Read the setting, try it, print what was measured."""
    try:
        setting = Setting.model_validate_json(argv[0] if argv else "")
    except ValidationError as error:
        raise InputError(f"the argument is no setting: {error.errors()[0]['msg']}") from error
    with without_collecting():
        from jobs.programs.trial import try_setting

    print(try_setting(setting, stop).model_dump_json(), flush=True)


def main(argv: list[str]) -> int:
    """Run the program; its exit code, as `jobs.programs.endings` has it."""
    if len(argv) > 1:
        die_with(int(argv[1]))
    return run_program(preflight, argv)


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
