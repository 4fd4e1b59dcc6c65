"""Python's search for garbage, which would take a quarter of the time of tests with a screen."""

import gc
import sys

import pytest

_YOUNG, _MIDDLE, _OLD = 10_000, 20, 10  # a screen makes many objects that live for long


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What the tests have imported stays: nobody looks at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Textual remembers how a thousand widgets looked, those of ended applications, too."""
    if "textual._styles_cache" in sys.modules:
        sys.modules["textual._styles_cache"].StylesCache.get_inner_outer.cache_clear()
