"""What a person does first, told where there is nothing to show yet."""

from typing import TYPE_CHECKING, Final

from cxrtui.show.plain import plain

if TYPE_CHECKING:
    from cxrtui.screens.known import Known

_NO_DATA: Final = """\
This workspace does not know yet where
the images are. In another terminal:

  cxrtui init --data FOLDER   say where
  cxrtui data check FOLDER    is it right?

To look around without any images:

  cxrtui run-all -w try --recipe demo
"""
_MISSING_DATA: Final = """\
The data folder is not there:

  {data}

Mount it, or in another terminal:

  cxrtui init --data FOLDER   name another
  cxrtui data check FOLDER    is it right?
"""
_NOTHING_QUEUED: Final = """\
Nothing has been queued here yet.

Press 2, then a, to add models; or in
another terminal:

  cxrtui run-all            train all
  cxrtui queue add stage1   or one stage
"""
_CHECK: Final = "  cxrtui data check         data right?\n"


def first_steps(known: "Known") -> str:
    """What to do first in this workspace, in short lines; plain text, no markup."""
    if known.writes_data:
        return _NOTHING_QUEUED
    if known.data is None:
        return _NO_DATA
    if not known.data.is_dir():
        return _MISSING_DATA.format(data=plain(known.data))
    return _NOTHING_QUEUED + _CHECK
