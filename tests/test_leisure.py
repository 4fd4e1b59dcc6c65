"""When the dashboard looks for garbage that refers to itself."""

import gc
import weakref
from time import monotonic

import pytest

from cxrtui.screens import leisure
from cxrtui.screens.leisure import Leisure, keep_for_leisure


class Knot:
    """It refers to itself."""

    def __init__(self) -> None:
        self.own = self


def test_all_objects_are_looked_at_only_when_nobody_types() -> None:
    seen = weakref.ref(Knot())
    one = Leisure()
    one.look(typed_at=monotonic())
    assert seen() is not None
    one.look(typed_at=monotonic() - 60)
    assert seen() is None


def test_not_again_at_once() -> None:
    one = Leisure()
    one.look(typed_at=0.0)
    seen = weakref.ref(Knot())
    one.look(typed_at=0.0)
    assert seen() is not None


def test_at_last_also_while_somebody_types(monkeypatch: pytest.MonkeyPatch) -> None:
    one, seen = Leisure(), weakref.ref(Knot())
    one.look(typed_at=monotonic())
    assert seen() is not None
    monkeypatch.setattr(leisure, "_PATIENCE_SECONDS", 0.0)
    one.look(typed_at=monotonic())
    assert seen() is None


def test_python_does_not_look_by_itself() -> None:
    try:
        keep_for_leisure()
        assert not gc.isenabled()
    finally:
        gc.enable()
