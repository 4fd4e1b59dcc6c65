"""Where commands print: people read the console, scripts read JSON, errors go to stderr."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from cxrtui.show.plain import plain

console = Console(highlight=False, markup=False)
errors = Console(stderr=True, highlight=False, markup=False)


def print_json(value: Any) -> None:
    """One JSON document on stdout, never wrapped or coloured."""
    sys.stdout.write(json.dumps(value, indent=2, allow_nan=False) + "\n")


def print_rows(rows: Sequence[dict[str, Any]]) -> None:
    """A JSON list on stdout, one object a line: quick, and readable, with thousands of them."""
    lines = ",\n ".join(json.dumps(row, allow_nan=False) for row in rows)
    sys.stdout.write(f"[{lines}]\n")


def print_text(text: str) -> None:
    """A line that may hold text from outside: never markup, never wrapped by us."""
    console.print(Text(plain(text)), soft_wrap=True)
