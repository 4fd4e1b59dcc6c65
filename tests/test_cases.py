"""Which images are the cases of a label, against a slow reference; ties and studies included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.cases import KINDS, CaseKind, ranked_cases

_IMAGES = st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.sampled_from("abc")), max_size=30)


@pytest.mark.parametrize("kind", KINDS)
@given(images=_IMAGES, most=st.integers(1, 9), by_study=st.booleans())
def test_cases_are_ranked(
    kind: CaseKind, images: list[tuple[int, bool, str]], most: int, by_study: bool
) -> None:
    scores = np.array([score / 4 for score, _, _ in images], np.float32)
    positive = np.array([is_there for _, is_there, _ in images], np.bool_)
    study = np.array([name for _, _, name in images], np.str_)
    found = ranked_cases(scores, positive, kind, most, study if by_study else None)
    rows = [row for row in range(len(images)) if positive[row] == (kind != "false positives")]
    rows.sort(key=lambda row: scores[row] if kind == "missed" else -scores[row])
    expected: list[int] = []
    for row in rows:
        if not by_study or study[row] not in study[expected]:
            expected.append(row)
    assert found.tolist() == expected[:most]
