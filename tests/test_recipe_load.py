from pathlib import Path

import pytest

from jobs.data.labels import LABELS
from jobs.errors import InputError
from jobs.published import published
from jobs.recipe.graph import lineage, parents_first, resolve_target
from jobs.recipe.load import load_recipe, parse_recipe, shipped_recipes
from jobs.recipe.new import new_recipe
from jobs.recipe.schema import Model, Recipe

STAGES = {"1st": "stage1", "2nd": "stage2", "3rd": "stage3"}
POSTER_MODELS = [f"model{number}" for number in range(8)]


@pytest.fixture(scope="module")
def poster() -> Recipe:
    return load_recipe("cxr-lt-2023").recipe


@pytest.fixture(scope="module")
def demo() -> Recipe:
    return load_recipe("demo").recipe


def _always(recipe: Recipe) -> list[Model]:
    return [model for model in recipe.models if not model.optional]


def _names(models: list[Model] | tuple[Model, ...]) -> list[str]:
    return [model.name for model in models]


def test_the_shipped_recipes_are_valid() -> None:
    assert shipped_recipes() == ("cxr-lt-2023", "demo", "phantom-study")
    for name in shipped_recipes():
        loaded = load_recipe(name)
        assert loaded.recipe.name == loaded.source == name
        assert parse_recipe(loaded.text, "from a database") == loaded.recipe
        assert loaded.recipe.labels == LABELS


def test_cxr_lt_2023_is_the_posters_table_of_models(poster: Recipe) -> None:
    rows = [
        (
            model.name,
            model.stage,
            model.settings.pre_weight,
            model.settings.image_size,
            model.settings.batch_size,
            model.settings.max_lr,
            model.settings.oversampling_threshold,
        )
        for model in _always(poster)
    ]
    assert rows == [
        (
            row.name,
            STAGES[row.stage],
            row.pre_weight.replace("ImageNet", "imagenet"),
            row.image_size,
            row.batch_size,
            row.max_lr,
            row.oversampling_threshold,
        )
        for row in published("cxr-lt-2023").models
    ]


def test_cxr_lt_2023_trains_as_the_poster_says(poster: Recipe) -> None:
    for model in poster.models:
        assert model.settings.architecture == "tf_efficientnetv2_s.in21k_ft_in1k"
        assert (model.settings.epochs, model.settings.weight_decay) == (30, 0.01)
    assert poster.run.device == "cuda"
    assert [column.title for column in poster.columns] == list(published("cxr-lt-2023").columns)
    assert [(column.model or column.ensemble, column.view_rule) for column in poster.columns] == [
        ("model0", "none"),
        ("model2", "none"),
        ("model3", "none"),
        ("views", "none"),
        ("poster", "none"),
    ]
    ensembles = {one.name: (one.members, one.view_rule) for one in poster.ensembles}
    assert ensembles == {
        "poster": (("model3", "model4", "model6", "model7"), "frontal-mean"),
        "views": (("model3",), "frontal-mean"),
    }


def test_the_posters_claims_are_put_to_the_test(poster: Recipe) -> None:
    claims = [(at.choice, at.control, at.group, at.margin) for at in poster.comparisons]
    assert claims == [
        ("model2", "model0", "all", None),
        ("model3", "model2", "tail", None),
        ("views", "model3", "all", None),
        ("poster", "views", "all", None),
        ("model2", "figure2", "all", 0.01),
    ]
    assert poster.figure is not None
    assert poster.figure.lineages == ("model2", "figure2")


def test_the_study_has_its_controls_with_each_seed() -> None:
    study = load_recipe("phantom-study").recipe
    models = {model.name: model for model in study.models}
    assert len(models) == 3 * len({model.base for model in study.models}) == 36
    for seed in study.seeds:
        larger, small = models[f"model2-s{seed}"], models[f"small2-s{seed}"]
        assert larger.parent == small.parent == f"model0-s{seed}"
        same = {"image_size"}
        assert larger.settings.model_dump(exclude=same) == small.settings.model_dump(exclude=same)
        assert larger.settings.image_size > small.settings.image_size
    compared = {name for at in study.comparisons for name in (at.choice, at.control)}
    assert compared >= {"small2", "long2", "figure2", "last"}


def test_the_figures_lineage_is_optional_and_has_320_px_throughout(poster: Recipe) -> None:
    figure = lineage(poster, "figure2")
    assert [(at.stage, at.settings.image_size, at.settings.batch_size) for at in figure] == [
        ("stage1", 320, 128),
        ("stage2", 320, 128),
    ]
    assert all(model.optional for model in figure)


def test_demo_is_the_same_graph_in_small(poster: Recipe, demo: Recipe) -> None:
    def graph(recipe: Recipe) -> list[tuple[object, ...]]:
        return [
            (at.name, at.stage, at.optional, at.parent, at.settings.oversampling_threshold)
            for at in recipe.models
        ]

    assert graph(demo) == graph(poster)
    assert (demo.stages[0].name, demo.columns, demo.ensembles) == (
        poster.stages[0].name,
        poster.columns,
        poster.ensembles,
    )
    assert demo.run.device == "any"
    assert demo.data.phantom is not None
    for model in demo.models:
        assert model.settings.architecture == "test_byobnet"
        assert model.settings.channels == 1
        assert model.settings.image_size <= demo.data.phantom.size
        assert model.settings.pre_weight != "imagenet"


def test_lineage_starts_at_the_root(poster: Recipe) -> None:
    assert _names(lineage(poster, "model7")) == ["model0", "model3", "model7"]
    assert _names(lineage(poster, "model1")) == ["model1"]


def test_parents_come_first_and_along(poster: Recipe) -> None:
    assert _names(parents_first(poster, ["model7", "model4"])) == [
        "model0",
        "model1",
        "model3",
        "model4",
        "model7",
    ]
    assert parents_first(poster, []) == []


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("all", POSTER_MODELS),
        ("stage1", ["model0", "model1"]),
        ("stage3", ["model7"]),
        ("model7", ["model7"]),
        ("figure2", ["figure2"]),
        ("poster", ["model3", "model4", "model6", "model7"]),
    ],
)
def test_targets(poster: Recipe, target: str, names: list[str]) -> None:
    assert _names(resolve_target(poster, target)) == names


def test_an_unknown_target_names_the_nearest(poster: Recipe) -> None:
    with pytest.raises(
        InputError, match="recipe cxr-lt-2023 has no 'modle7'; did you mean 'model7"
    ):
        resolve_target(poster, "modle7")


def test_a_file_is_read_like_a_shipped_recipe(tmp_path: Path, demo: Recipe) -> None:
    file = tmp_path / "mine.toml"
    text = load_recipe("demo").text
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())  # as some editors do
    loaded = load_recipe(str(file))
    assert loaded.recipe == demo
    assert loaded.source == str(file)


def test_a_recipe_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'demo'"):
        load_recipe("dmo")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        load_recipe(str(tmp_path))
    with pytest.raises(InputError, match="cannot be read"):
        load_recipe("nul\0byte")
    latin = tmp_path / "latin.toml"
    latin.write_bytes('name = "x"\ntitle = "é"\n'.encode("latin-1"))
    with pytest.raises(InputError, match=r"latin\.toml:2: no UTF-8"):
        load_recipe(str(latin))


def test_a_new_recipe_is_named_after_its_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    assert new_recipe(file, "demo") == "mine"
    assert load_recipe(str(file)).recipe.name == "mine"
    with pytest.raises(InputError, match="is there already"):
        new_recipe(file, "demo")
    assert new_recipe(tmp_path / "not a name.toml", "demo") == "demo"
    with pytest.raises(InputError, match="cannot be written: No such file"):
        new_recipe(tmp_path / "nowhere" / "mine.toml", "demo")
