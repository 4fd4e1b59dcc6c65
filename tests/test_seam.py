"""Stitched series are what they would be if all was put behind each other anew each time."""

from dataclasses import replace
from itertools import accumulate

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cxrtui.lineages.seam import Piece, Seam, Stitched

CHANGES = (
    "last grows", "last grows", "earlier grows", "earlier x", "earlier value", "last x",
    "smoothing", "length", "last length", "fewer", "shorter", "more", "restart", "same points",
)  # fmt: skip
Arrays = tuple[np.ndarray, np.ndarray]


def piece(rng: np.random.Generator, size: int) -> Piece:
    value = np.where(rng.random(size) < 0.1, np.nan, rng.random(size))
    return Piece(np.sort(rng.random(size)), value, rng.random(rng.integers(3)), 0.5)


def grown(rng: np.random.Generator, one: Piece) -> Piece:
    new = piece(rng, int(rng.integers(0, 900)))
    return replace(one, x=np.append(one.x, new.x + 1), value=np.append(one.value, new.value))


def changed(pieces: list[Piece], change: str, rng: np.random.Generator) -> list[Piece]:
    """New pieces after a change of what the name says; others stay, or are equal copies."""
    which = int(rng.integers(len(pieces)))
    place = -1 if "last" in change else which
    after = list(pieces)
    one = after[place]
    match change:
        case "last grows" | "earlier grows":
            after[place] = grown(rng, one)
        case "earlier x" | "last x":
            after[place] = replace(one, x=one.x * 2)
        case "earlier value":
            after[place] = replace(one, value=one.value + 1)
        case "smoothing":
            after = [replace(each, value=each.value * 0.5) for each in after]
        case "length" | "last length":
            after[place] = replace(one, length=1.75 - one.length)  # and back again
        case "fewer":
            after = after[:-1] or after
        case "shorter":
            after[place] = replace(one, x=one.x[: which + 1], value=one.value[: which + 1])
        case "more":
            after.append(piece(rng, 5))
        case "restart":
            after[place] = replace(one, restarts=np.append(one.restarts, 0.25))
        case _:
            after = [replace(each, x=each.x.copy(), value=each.value.copy()) for each in after]
    return after


def check(found: Stitched, pieces: list[Piece]) -> None:
    *begins, end = accumulate((one.length for one in pieces), initial=0.0)
    x = [one.x + begin for one, begin in zip(pieces, begins, strict=True)]
    restarts = [one.restarts + begin for one, begin in zip(pieces, begins, strict=True)]
    assert np.array_equal(found.x, np.concatenate(x))
    assert np.array_equal(found.value, np.concatenate([one.value for one in pieces]), True)
    assert found.restarts == tuple(np.concatenate(restarts))
    assert (found.begins, found.end) == (tuple(begins), end)


@settings(max_examples=60)
@example(["length"] * 8, 2, 0)
@given(
    st.lists(st.sampled_from(CHANGES), max_size=12), st.integers(1, 4), st.integers(0, 2**32 - 1)
)
def test_it_is_the_pieces_behind_each_other_whatever_changes(
    changes: list[str], count: int, seed: int
) -> None:
    rng, seam, seen = np.random.default_rng(seed), Seam(), list[tuple[Arrays, Arrays]]()
    pieces = [piece(rng, int(rng.integers(0, 400))) for _ in range(count)]
    check(seam.stitch(pieces), pieces)
    for change in changes:
        pieces = changed(pieces, change, rng)
        found = seam.stitch(pieces)
        check(found, pieces)
        seen.append(((found.x, found.value), (found.x.copy(), found.value.copy())))
        assert seam.stitch(list(pieces)) is found, "nothing is new"
    for handed_out, copies in seen:
        for one, copy in zip(handed_out, copies, strict=True):
            assert np.array_equal(one, copy, equal_nan=True)


def test_what_is_there_is_not_copied_when_the_end_grows_or_values_are_smoothed() -> None:
    rng, seam = np.random.default_rng(1), Seam()
    first, last = piece(rng, 200), piece(rng, 200)
    before = seam.stitch([first, last])
    longer = grown(rng, last)
    after = seam.stitch([first, longer])
    assert len(after.x) > len(before.x)
    assert np.shares_memory(after.x, before.x)
    assert np.shares_memory(after.value, before.value)
    smooth = [replace(one, value=one.value * 0.5) for one in (first, longer)]
    smoothed = seam.stitch(smooth)
    assert np.shares_memory(smoothed.x, after.x)
    assert not np.shares_memory(smoothed.value, after.value)
