"""`cxrtui report`: what is on the page, what is never on it, and what it says is missing."""

import io
import json
import shutil
from dataclasses import replace
from itertools import pairwise

import pytest
from dashboard_workspace import busy_workspace, queued_workspace
from finished_workspace import copy_of, invoke, make_finished, result_table
from PIL import Image
from report_pages import ParsedPage, pictures

from cxrtui.current import current_holdings
from cxrtui.report.contents import gather
from cxrtui.report.last_column import last_column
from cxrtui.report.page import render
from cxrtui.report.worst_errors import EACH, worst_errors
from jobs.comparisons import compare_all
from jobs.loading import RecipeHoldings
from jobs.recipe.schema import Comparison, Figure
from jobs.scores import RecipeScores

RESULTS = "Average precision of every label"
TERMS = "do not pass"


@pytest.fixture(scope="module")
def finished(tmp_path_factory, data_folder):
    return make_finished(tmp_path_factory.getbasetemp(), data_folder)


def report(root, folder, *options):
    done = invoke(root, "report", str(folder), "--resamples", "100", *options)
    assert done.exit_code == 0, done.output
    return done.output, (folder / "index.html").read_text()


@pytest.fixture(scope="module")
def made(finished, tmp_path_factory):
    return report(finished, tmp_path_factory.mktemp("report") / "new" / "folder")


@pytest.fixture(scope="module")
def page(made):
    return ParsedPage(made[1])


def test_every_value_of_the_result_table_is_on_the_page(finished, page):
    found = {row[0]: row[1:] for row in page.table(RESULTS).rows[1:]}
    told = result_table(finished)
    rows = {row["label"]: row for row in told["rows"]}
    rows |= {f"mean of {group}": row for group, row in told["groups"].items()}
    rows["Mean"] = told["mean"]
    assert found.keys() == rows.keys()
    for head, row in rows.items():
        cells = [f"{cell['dev']:.3f} / {cell['test']:.3f}" for cell in row["cells"]]
        assert found[head][2:] == cells, head
        if "positives" in row:
            positives = f"{row['positives']['dev']} / {row['positives']['test']}"
            assert found[head][:2] == [row["group"], positives]


def test_the_page_asks_nobody_for_anything(made, page):
    policy = next(value for value in page.values("content") if "default-src" in value)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert all(value.startswith("data:") for value in page.values("src"))
    assert all(value.startswith(("#", "data:")) for value in page.values("href"))
    assert not {"script", "iframe", "object", "form"} & {tag for tag, _, _ in page.attributes}
    assert "@import" not in made[1]
    assert "url(" not in made[1]


def test_the_page_can_be_read_by_everybody(page):
    ids = page.values("id")
    assert len(set(ids)) == len(ids)
    assert {value[1:] for value in page.values("href") if value.startswith("#")} == set(ids)
    levels = [int(tag[1]) for tag, _ in page.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert all(table.caption and table.rows for table in page.tables)
    for table in page.tables:
        assert len({len(row) for row in table.rows}) == 1, table.caption
    images = [one for one in page.attributes if one[0] == "img"]
    named = [value for _, name, value in images if name == "alt"]
    assert len(named) == sum(name == "src" for _, name, _ in images)
    assert all(named)


def test_settings_and_provenance_are_in_full(finished, page):
    workspace, holdings = current_holdings(finished)
    assert finished.with_suffix(".toml").read_text() in page.text
    sets = {row[0]: row[2] for row in page.table("Prediction sets").rows[1:]}
    for model in holdings.models:
        for split in ("val", "dev", "test"):
            assert sets[f"{model}, {split}"] == holdings.prediction_set(model, split).sha256
    splits = {row[0]: row[2] for row in page.table("Splits").rows[1:]}
    assert splits == {name: table.fingerprint() for name, table in holdings.targets.items()}
    attempts = [row[0] for row in page.table("Attempts, in the order of the recipe").rows[1:]]
    jobs = [f"{model} {kind} 1" for model in "abc" for kind in ("train", "predict")]
    assert attempts == ["32px pack 1", *jobs]
    assert str(workspace.paths.root) not in page.text


def test_no_image_study_or_patient_is_named_without_the_flag(finished, made):
    output, text = made
    whole = text + "".join(map(bytes.decode, pictures(text)))
    for table in current_holdings(finished)[1].targets.values():
        for ids in (table.image, table.study, table.patient, table.path):
            assert not [one for one in ids if one in whole]
    assert TERMS not in output
    assert TERMS not in text


def test_images_of_the_worst_errors_are_shown_when_asked_for(finished, tmp_path):
    output, text = report(finished, tmp_path, "--with-images")
    assert TERMS in output
    assert text.count(TERMS) == 2
    holdings = current_holdings(finished)[1]
    table = holdings.targets["test"]
    photos = [found for found in pictures(text) if found.startswith(b"\xff\xd8")]
    studies = [
        len(set(table.study[table.targets[:, place] == kind]))
        for place in range(len(table.labels))
        for kind in (False, True)
    ]
    assert len(photos) == sum(min(EACH, count) for count in studies)
    assert Image.open(io.BytesIO(photos[0])).size == (32, 32)
    assert any(one in text for one in table.image)
    assert not [one for one in table.patient if one in text]


def test_worst_errors_are_the_worst(finished):
    workspace, holdings = current_holdings(finished)
    column = last_column(holdings)
    scored = column.splits["test"]
    for place, found in enumerate(worst_errors(workspace, holdings, column)):
        for kind, images in ((False, found.false_alarms), (True, found.missed)):
            rows = [row for row, is_there in enumerate(scored.table.targets[:, place])
                    if is_there == kind]  # fmt: skip
            worst = sorted(rows, key=lambda row: scored.probabilities[row, place], reverse=not kind)
            expected, studies = [], set()
            for row in worst:
                if scored.table.study[row] not in studies and len(expected) < EACH:
                    expected.append(float(scored.probabilities[row, place]))
                    studies.add(scored.table.study[row])
            assert [one.score for one in images] == expected


def test_without_the_pack_there_are_no_images(finished, tmp_path):
    root = copy_of(finished, tmp_path)
    shutil.rmtree(root / "cache" / "pixels")
    done = invoke(root, "report", str(tmp_path / "out"), "--with-images", "--resamples", "100")
    assert done.exit_code != 0
    assert "cxrtui data pack" in str(done.exception)
    assert not (tmp_path / "out").exists()


def test_a_page_that_is_there_is_kept(finished, tmp_path):
    (tmp_path / "index.html").write_text("mine")
    done = invoke(finished, "report", str(tmp_path))
    assert done.exit_code != 0
    assert "--force" in str(done.exception)
    assert (tmp_path / "index.html").read_text() == "mine"
    output, text = report(finished, tmp_path, "--force", "--json")
    told = json.loads(output)
    assert told["path"] == str(tmp_path / "index.html")
    assert told["bytes"] == len(text.encode())
    assert (told["images"], told["missing"]) == (False, [])
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    assert invoke(finished, "report", str(tmp_path / "index.html")).exit_code != 0


@pytest.mark.parametrize("make", [queued_workspace, busy_workspace])
def test_what_is_not_there_yet_is_said(tmp_path, make):
    workspace = make(tmp_path / "workspace").workspace
    holdings = RecipeHoldings(workspace, "cxr-lt-2023")
    contents = gather(workspace, holdings, 100)
    page = ParsedPage(render(contents))
    told = "\n".join(contents.missing)
    cells = [cell for row in page.table(RESULTS).rows[1:] for cell in row[3:]]
    if make is queued_workspace:
        assert "No column of the result table is finished yet" in told
        assert "so there is nothing to draw" in page.text
        assert "so there is no figure" in page.text
        assert set(cells) == {"\N{HORIZONTAL ELLIPSIS} / \N{HORIZONTAL ELLIPSIS}"}
    else:
        assert "2nd stage" in told
        assert "1st stage" not in told
        assert "The column Postprocess, the last one that is finished." in page.text
        assert "\N{HORIZONTAL ELLIPSIS}" in cells[1]
    assert contents.missing[0] in page.text


HOSTILE = "<script>alert(1)</script> \x1b[31m & \u202e {{ 7 * 7 }} $x^$"


def test_claims_and_their_verdicts(finished):
    workspace, holdings = current_holdings(finished)
    claims = (
        Comparison(claim="b is better", choice="b", control="a"),
        Comparison(claim="b is as good", choice="b", control="a", margin=0.9),
    )
    figure = Figure(lineages=("c", "a"))
    holdings.recipe = holdings.recipe.model_copy(update={"comparisons": claims, "figure": figure})
    contents = gather(workspace, holdings, 100)
    page = ParsedPage(render(contents))
    scores = RecipeScores(holdings.recipe, holdings.predictions, holdings.targets, 100)
    for result, row in zip(compare_all(scores), page.table("Claims").rows[1:], strict=True):
        assert row[0] == result.comparison.claim
        for split, verdict, difference in zip(("dev", "test"), row[2::2], row[3::2], strict=True):
            tested = result.splits[split]
            assert verdict == tested.verdict
            assert difference.startswith(f"{tested.mean.value:+.3f}{tested.mean.low:+.3f} to ")
    assert "Shown on test: b is as good." in contents.summary
    assert "Stage training: c (32 px) took" in page.text
    drawing = contents.figure.drawing.decode()
    assert "c train_loss" in drawing or "c: 32x32" in drawing


def test_text_from_outside_is_harmless(finished):
    workspace, holdings = current_holdings(finished)
    contents = gather(workspace, holdings, 100)
    recipe = contents.recipe.model_copy(update={"title": HOSTILE})
    sheet = contents.results[0]
    rows = tuple(replace(row, head=HOSTILE) for row in sheet.rows)
    heads = (HOSTILE, *sheet.heads[1:])
    changed = replace(sheet, caption=HOSTILE, heads=heads, rows=rows, notes=(HOSTILE,))
    text = render(
        replace(
            contents, recipe=recipe, recipe_text=HOSTILE, results=(changed,),
            summary=(HOSTILE,), missing=(HOSTILE,), command=HOSTILE,
        )
    )  # fmt: skip
    assert "<script>" not in text
    assert not {"\x1b", "\u202e"} & set(text)
    harmless = HOSTILE.replace("\x1b", "\N{REPLACEMENT CHARACTER}")
    harmless = harmless.replace("\u202e", "\N{REPLACEMENT CHARACTER}")
    page = ParsedPage(text)
    assert page.headings[0] == ("h1", harmless)
    assert page.tables[-1].caption
    assert harmless in [table.caption for table in page.tables]
