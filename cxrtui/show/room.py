"""What takes room in a workspace and may go, as a table and for scripts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from cxrtui.output import console
from cxrtui.show.packs import size_text
from cxrtui.show.plain import plain
from jobs.room.found import Item, by_reason, total_bytes


def print_items(items: Sequence[Item]) -> None:
    """A row for what may go for one reason, the largest first."""
    table = Table(box=None, pad_edge=False)
    for title in ("what", "how many", "on disk", "why it may go"):
        table.add_column(title, justify="right" if title in ("how many", "on disk") else "left")
    groups = sorted(by_reason(items).items(), key=lambda group: -total_bytes(group[1]))
    for (what, why), some in groups:
        cells = (what, f"{len(some):,}", size_text(total_bytes(some)), why)
        table.add_row(*(Text(plain(cell)) for cell in cells))
    console.print(table)


def items_json(items: Sequence[Item], root: Path) -> list[dict[str, Any]]:
    """Each with its path below the workspace."""
    return [
        {
            "what": item.what,
            "path": str(item.path.relative_to(root)),
            "bytes": item.bytes,
            "why": item.why,
        }
        for item in items
    ]
