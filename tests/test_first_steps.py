"""What a person is told to do first, by what the workspace lacks."""

from pathlib import Path

from cxrtui.screens.first_steps import first_steps
from cxrtui.screens.known import Known


def told(root: Path, data: Path | None, *, writes_data: bool = False) -> str:
    return first_steps(Known("r", root, watch_only=True, data=data, writes_data=writes_data))


def test_data_first_then_the_queue(tmp_path: Path) -> None:
    missing = tmp_path / "not\x1b[2Jmounted"
    assert "cxrtui init --data FOLDER" in told(tmp_path, None)
    assert "not\N{REPLACEMENT CHARACTER}[2Jmounted" in told(tmp_path, missing)
    assert "train all" not in told(tmp_path, None) + told(tmp_path, missing)
    ready = told(tmp_path, tmp_path)
    assert "train all" in ready
    assert "cxrtui data check" in ready
    own = told(tmp_path, None, writes_data=True)
    assert "train all" in own
    assert "data check" not in own


def test_it_fits_beside_the_models(tmp_path: Path) -> None:
    texts = (told(tmp_path, None), told(tmp_path, tmp_path))
    assert max(len(line) for text in texts for line in text.splitlines()) <= 80 - 32 - 6
