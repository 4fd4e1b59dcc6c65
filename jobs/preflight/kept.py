"""What was measured before, kept in the workspace: `preflight.json`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from jobs.durable import write_json
from jobs.preflight.measure import torch_version
from jobs.preflight.setting import Measured, Setting

_ADAPTER: Final = TypeAdapter(list[Measured])


def read_kept(path: Path) -> list[Measured]:
    """All that is kept; nothing where the file is not there or of another version of cxrtui."""
    try:
        return _ADAPTER.validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return []  # it only saves time: whatever is missing is measured again


def find_kept(kept: Iterable[Measured], device: str, setting: Setting) -> Measured | None:
    """What was measured of a setting on a device, with the torch that is installed."""
    for one in kept:
        if (one.device, one.torch) == (device, torch_version()) and _covers(one, setting):
            return one
    return None


def keep(path: Path, new: Iterable[Measured]) -> None:
    """Add what was measured; it takes the place of what was known of the same."""
    known = {_identity(one): one for one in [*read_kept(path), *new]}
    write_json(path, _ADAPTER.dump_python(list(known.values()), mode="json"))


def _covers(one: Measured, setting: Setting) -> bool:
    """What trained has predicted too."""
    return one.setting == setting or one.setting == setting.model_copy(update={"trains": True})


def _identity(one: Measured) -> tuple[str, str, Setting]:
    return one.device, one.torch, one.setting
