"""What a `job.json` on the disk says."""

import json
from pathlib import Path
from typing import Any


def read_spec(path: Path) -> dict[str, Any] | None:
    """Its content; None if it is missing or no JSON object."""
    try:
        spec = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return spec if isinstance(spec, dict) else None


def says(path: Path, spec: dict[str, Any]) -> bool:
    """Whether it says this."""
    return read_spec(path) == spec
