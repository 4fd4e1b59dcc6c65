"""Where commands print: people read the console, scripts read JSON, errors go to stderr."""

import json
import sys
from typing import Any

from rich.console import Console
from rich.text import Text

from cxrtui.show.plain import plain

console = Console(highlight=False, markup=False)
errors = Console(stderr=True, highlight=False, markup=False)


def print_json(value: Any) -> None:
    """One JSON document on stdout, never wrapped or coloured."""
    sys.stdout.write(json.dumps(value, indent=2, allow_nan=False) + "\n")


def print_text(text: str) -> None:
    """A line that may hold text from outside: never markup, never wrapped by us."""
    console.print(Text(plain(text)), soft_wrap=True)
