"""What a person wants queued."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AddRequest:
    """As the arguments of `cxrtui queue add`."""

    targets: tuple[str, ...]
    priority: int | None = None  # None: those that are queued already keep theirs
    parents: bool = True  # the training of missing ancestors comes along
