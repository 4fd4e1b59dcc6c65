"""Text from outside (logs, labels, recipes) made harmless for a terminal."""

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BREAK = re.compile(r"[\t\n\u2028\u2029]")


def plain(text: object) -> str:
    """`text` without control characters, escape codes and direction overrides."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text))


def plain_line(text: object) -> str:
    """`plain` in one line: for names, titles and rows."""
    return _BREAK.sub("\N{REPLACEMENT CHARACTER}", plain(text))
