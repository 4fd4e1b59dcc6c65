"""Where commands print: people read the console, scripts read JSON, errors go to stderr."""

import json
import sys
from typing import Any

from rich.console import Console

console = Console(highlight=False, markup=False)
errors = Console(stderr=True, highlight=False, markup=False)


def print_json(value: Any) -> None:
    """One JSON document on stdout, never wrapped or coloured."""
    sys.stdout.write(json.dumps(value, indent=2, allow_nan=False) + "\n")
