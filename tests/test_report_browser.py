"""The report in headless Chromium: silent, alone, whole, and good at every width."""

import pytest
from chromium import WIDTH, opened
from finished_workspace import invoke, make_finished, result_table

CELLS = """
Object.fromEntries([...document.querySelectorAll("table")].map(table => [
    table.caption.textContent, [...table.rows].map(row => [...row.cells].map(c => c.textContent))
]))
"""
OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LOADED = "[...document.images].every(image => image.complete && image.naturalWidth > 0)"
COLOURS = "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"


@pytest.fixture(scope="module")
def finished(tmp_path_factory, data_folder):
    return make_finished(tmp_path_factory.getbasetemp(), data_folder)


def test_the_report_opens_silently_and_has_every_value(finished, tmp_path):
    done = invoke(finished, "report", str(tmp_path), "--with-images", "--resamples", "100")
    assert done.exit_code == 0, done.output
    url = (tmp_path / "index.html").as_uri()
    with opened(url, tmp_path) as page:
        assert page.messages() == []
        assert page.requests() == [url]
        assert page.evaluate(LOADED)
        found = page.evaluate(CELLS)["Average precision of every label"]
        told = result_table(finished)
        assert found[0][3:] == told["columns"]
        rows = [*told["rows"], *told["groups"].values(), told["mean"]]
        assert len(found) == 1 + len(rows)
        for row, cells in zip(rows, found[1:], strict=True):
            values = [f"{cell['dev']:.3f} / {cell['test']:.3f}" for cell in row["cells"]]
            assert cells[3:] == values
        light = page.evaluate(COLOURS)
        for width in (WIDTH, 400):
            page.resize(width)
            assert page.evaluate(OVERHANG) == 0
        page.prefer("dark")
        assert page.evaluate(COLOURS) != light
        assert page.printed().startswith(b"%PDF")
        assert page.messages() == []
        assert page.requests() == [url]


def test_a_page_that_asks_or_complains_is_noticed(tmp_path):
    """The test above would fail on such a page."""
    address = "http://127.0.0.1:8/picture.png"
    path = tmp_path / "bad.html"
    path.write_text(
        "<!doctype html><meta http-equiv='Content-Security-Policy' content=\"img-src data:\">"
        f"<title>bad</title><img src='{address}'><img src='http://127.0.0.1:8/other.png'>"
    )
    with opened(path.as_uri(), tmp_path) as page:
        assert len(page.messages()) >= 2
        assert "Content Security Policy" in str(page.messages())
    path.write_text(
        f"<!doctype html><title>bad</title><script>nothing()</script><img src='{address}'>"
    )
    with opened(path.as_uri(), tmp_path) as page:
        assert "nothing is not defined" in str(page.messages())
        assert page.requests() == [path.as_uri(), address]
