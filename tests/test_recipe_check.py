import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.errors import InputError
from jobs.recipe.check import check_recipe
from jobs.recipe.graph import resolve_target
from jobs.recipe.load import parse_recipe, read_recipe_text
from jobs.recipe.seeds import repeats

BASE = """\
name = "small"
title = "Two stages"
labels = ["Edema", "Mass"]
[data]
val_fraction = 0.2
[run]
device = "any"
[defaults]
architecture = "test_efficientnet"
batch_size = 32
[[stages]]
name = "first"
epochs = 3
[[stages]]
name = "second"
[[models]]
name = "root"
stage = "first"
pre_weight = "none"
image_size = 64
[[models]]
name = "child"
stage = "second"
pre_weight = "root"
image_size = 96
max_lr = 0.01
[[models]]
name = "spare"
stage = "first"
optional = true
image_size = 128
[[ensembles]]
name = "both"
members = ["root", "child"]
[[columns]]
title = "One"
model = "child"
[[columns]]
title = "All"
ensemble = "both"
"""

# what is replaced, by what (the line of the fault is the one with «), field, words of the message
FAULTS = [
    ("val_fraction = 0.2", "«val_fracton = 0.2", "data.val_fracton", "'val_fraction'"),
    ('title = "Two stages"', '«titel = "Two stages"', "titel", "did you mean 'title'?"),
    ('device = "any"', '«device = "tpu"', "run.device", "'cuda' or 'any'"),
    ("image_size = 64", "«image_size = 16", "models.root.image_size", "at least 32 and at most"),
    ("image_size = 96", '«image_size = "96"', "models.child.image_size", "a whole number"),
    ("image_size = 96", "«image_sze = 96", "models.child.image_sze", "did you mean 'image_size'?"),
    ("max_lr = 0.01", "«max_lr = inf", "models.child.max_lr", "finite"),
    ("max_lr = 0.01", "«max_lr = -1.0", "models.child.max_lr", "found -1.0; allowed: more than 0"),
    ("max_lr = 0.01", "«max_lr = 1979-05-27", "models.child.max_lr", "a number"),
    ("max_lr = 0.01", "«augmentation = 3", "models.child.augmentation", "a table"),
    (
        "max_lr = 0.01",
        "[models.augmentation]\n«flop = 1.0",
        "models.child.augmentation.flop",
        "did you mean 'flip'?",
    ),
    ("batch_size = 32", "«batch_size = 1", "defaults.batch_size", "found 1; allowed: at least 2"),
    ("batch_size = 32", "batch_size = 32\n«stage = 'first'", "defaults.stage", "unknown field"),
    ("epochs = 3", "«epochs = 0", "stages.first.epochs", "at least 1"),
    ('name = "second"', '«name = "first"', "stages.first.name", "taken already on line 12"),
    ('name = "child"', '«name = "../child"', "models.../child.name", "letters, digits"),
    ('name = "spare"', '«name = "Root"', "models.Root.name", "taken already on line 17"),
    ('name = "spare"', '«name = "second"', "models.second.name", "taken already on line 15"),
    ('name = "both"', '«name = "child"', "ensembles.child.name", "taken already on line 22"),
    ('name = "spare"', '«name = "all"', "models.all.name", "reserved"),
    ('name = "spare"', '«name = "None"', "models.None.name", "reserved"),
    ('stage = "second"', '«stage = "secnd"', "models.child.stage", "did you mean 'second'?"),
    ('pre_weight = "root"', '«pre_weight = "rot"', "models.child.pre_weight", "mean 'root'?"),
    ('pre_weight = "none"', '«pre_weight = "root"', "models.root.pre_weight", "cycle: root starts"),
    (
        'pre_weight = "none"',
        '«pre_weight = "child"',
        "models.root.pre_weight",
        "cycle: root starts from child starts from root",
    ),
    ('pre_weight = "root"', '«pre_weight = "spare"', "models.child.pre_weight", "optional"),
    ('members = ["root"', '«members = ["rooot"', "ensembles.both.members[0]", "mean 'root'?"),
    (
        'members = ["root", "child"]',
        'members = [\n  "root",\n«  "root",\n]',
        "ensembles.both.members[1]",
        "listed twice",
    ),
    ('members = ["root"', '«members = ["spare"', "ensembles.both.members[0]", "optional"),
    ('members = ["root", "child"]', "«members = []", "ensembles.both.members", "at least 1"),
    (
        'members = ["root", "child"]',
        'members = ["root", "child"]\n«weights = [1.0]',
        "ensembles.both.weights",
        "found 1 weights for 2 members",
    ),
    (
        'members = ["root", "child"]',
        'members = ["root", "child"]\nweights = [1.0,\n«0.0]',
        "ensembles.both.weights[1]",
        "found 0; allowed: more than 0",
    ),
    ('title = "All"', '«title = "One"', "columns.One.title", "taken already on line 36"),
    ('ensemble = "both"', '«ensemble = "bth"', "columns.All.ensemble", "did you mean 'both'?"),
    ('model = "child"', '«model = "spare"', "columns.One.model", "optional"),
    ('model = "child"', '«model = "both"', "columns.One.model", "unknown model 'both'"),
    (
        '[[columns]]\ntitle = "All"',
        '«[[columns]]\nmodel = "child"\ntitle = "All"',
        "columns.All",
        "both of",
    ),
    (
        '[[columns]]\ntitle = "One"\nmodel = "child"',
        '«[[columns]]\ntitle = "One"',
        "columns.One",
        "neither",
    ),
    ('device = "any"', "«micro_batch = 1", "run.micro_batch", "at least 2, for batch norm"),
    (
        'device = "any"',
        "«micro_batch = 12",
        "run.micro_batch",
        "does not divide the batch_size of root",
    ),
    ('["Edema", "Mass"]', '["Edema",\n«"Edema"]', "labels[1]", "taken already on line 3"),
    ('["Edema", "Mass"]', '["Edema",\n«" "]', "labels[1]", "needs a name"),
    ("val_fraction = 0.2", "«task = 2", "data.task", "means nothing with format 'cxr-lt-2023'"),
    ("val_fraction = 0.2", "«uncertain = 'ones'", "data.uncertain", "means nothing with format"),
    ("val_fraction = 0.2", "[data.csv]\n«imagee = 'x'", "data.csv.imagee", "mean 'image'?"),
    ("val_fraction = 0.2", "«[data.csv]\ntrain = 'x'", "data.csv", "means nothing with format"),
    ("val_fraction = 0.2", "«format = 'csv'", "data.format", "needs a table [data.csv]"),
    ("val_fraction = 0.2", "«format = 'nih'", "data.format", "'nih-chestxray14'"),
    ('title = "Two stages"', "«figure = 3", "figure", "table"),
    ("[run]", "[figure]\n«lineages = ['chld']\n[run]", "figure.lineages[0]", "mean 'child'?"),
    ('title = "Two stages"', "seeds = [1,\n«1]", "seeds[1]", "1 is listed twice"),
    ('title = "Two stages"', "«seeds = []", "seeds", "at least 1"),
    ('name = "small"\n', "«", "name", "missing"),
    ('title = "Two stages"', '«title = "Two', "", "no TOML"),
    ('title = "Two stages"', '«name = "again"', "", "no TOML"),
]


COMPARISON = """\
[[comparisons]]
claim = "Larger images help"
choice = "child"
control = "root"
"""
COMPARISON_FAULTS = [
    ('choice = "child"', '«choice = "chld"', "comparisons[0].choice", "did you mean 'child'?"),
    ('control = "root"', '«control = "child"', "comparisons[0].control", "is the choice itself"),
    ('control = "root"', '«control = "bth"', "comparisons[0].control", "did you mean 'both'?"),
    ('claim = "Larger', '«group = "rare"\nclaim = "Larger', "comparisons[0].group", "'tail'"),
    ('claim = "Larger', '«margin = 0\nclaim = "Larger', "comparisons[0].margin", "more than 0"),
]

# a fault that shows at another line than the one that was changed
FAULTS_ELSEWHERE = [
    ('stage = "second"', 'stage = "first"', 24, "models.child.pre_weight", "does not come before"),
    ("max_lr = 0.01", "channels = 1", 24, "models.child.pre_weight", "has channels 3, this model"),
    (
        "max_lr = 0.01",
        'architecture = "resnet10t"',
        24,
        "models.child.pre_weight",
        "has architecture test_efficientnet, this model has resnet10t",
    ),
    ("image_size = 128", "", 27, "models.spare.image_size", "missing; it must be at least 32"),
    ('stage = "first"\noptional', "optional", 27, "models.spare.stage", "missing"),
    ('title = "Two stages"', "defaults = 3", 8, "", "no TOML"),
    ('["Edema", "Mass"]', '["Edema"', 4, "", "no TOML"),
]


def _plant(old: str, new: str) -> str:
    assert BASE.count(old) == 1
    return BASE.replace(old, new)


def test_the_base_is_fine() -> None:
    checked = check_recipe(BASE)
    assert checked.problems == ()
    assert checked.recipe is not None
    assert [model.settings.epochs for model in checked.recipe.models] == [3, 30, 3]


@pytest.mark.parametrize(("old", "new", "field", "words"), FAULTS)
def test_a_planted_fault_is_named_with_its_line_and_field(
    old: str, new: str, field: str, words: str
) -> None:
    planted = _plant(old, new)
    line = planted[: planted.index("«")].count("\n") + 1
    checked = check_recipe(planted.replace("«", ""))
    assert checked.recipe is None
    named = [(at.line, at.field) for at in checked.problems if words in at.message]
    assert named == [(line, field)]


@pytest.mark.parametrize(("old", "new", "line", "field", "words"), FAULTS_ELSEWHERE)
def test_a_fault_elsewhere(old: str, new: str, line: int, field: str, words: str) -> None:
    (problem,) = check_recipe(_plant(old, new)).problems
    assert (problem.line, problem.field) == (line, field)
    assert words in problem.message


@pytest.mark.parametrize(("old", "new", "field", "words"), COMPARISON_FAULTS)
def test_a_fault_of_a_comparison(old: str, new: str, field: str, words: str) -> None:
    planted = BASE + COMPARISON.replace(old, new)
    line = planted[: planted.index("«")].count("\n") + 1
    checked = check_recipe(planted.replace("«", ""))
    named = [(at.line, at.field) for at in checked.problems if words in at.message]
    assert named == [(line, field)]


def test_seeds_repeat_models_and_ensembles_but_not_what_names_them() -> None:
    recipe = check_recipe(_plant('title = "Two stages"', "seeds = [7, 3]") + COMPARISON).recipe
    assert recipe is not None
    models = {model.name: model for model in recipe.models}
    assert list(models) == ["root-s7", "root-s3", "child-s7", "child-s3", "spare-s7", "spare-s3"]
    assert [model.base for model in recipe.models][:4] == ["root", "root", "child", "child"]
    assert [model.settings.seed for model in recipe.models] == [7, 3] * 3
    assert models["child-s3"].parent == "root-s3"
    assert models["root-s3"].parent is None
    assert [(one.name, one.members) for one in recipe.ensembles] == [
        ("both-s7", ("root-s7", "child-s7")),
        ("both-s3", ("root-s3", "child-s3")),
    ]
    assert [column.model or column.ensemble for column in recipe.columns] == ["child", "both"]
    assert repeats(recipe, "child") == ("child-s7", "child-s3")
    assert repeats(recipe, "both") == ("both-s7", "both-s3")
    assert repeats(recipe, "child-s3") == ("child-s3",)
    named = [model.name for model in resolve_target(recipe, "child")]
    assert named == ["child-s7", "child-s3"]
    members = [model.name for model in resolve_target(recipe, "both")]
    assert members == ["root-s7", "root-s3", "child-s7", "child-s3"]
    assert [model.name for model in resolve_target(recipe, "root-s3")] == ["root-s3"]


def test_without_seeds_a_name_stands_for_itself() -> None:
    recipe = check_recipe(BASE + COMPARISON).recipe
    assert recipe is not None
    assert repeats(recipe, "child") == ("child",)
    assert [model.base for model in recipe.models] == ["root", "child", "spare"]


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "words"),
    [
        ("max_lr = 0.01", "seed = 1", 26, "models.child.seed", "the recipe's seeds say which"),
        ("batch_size = 32", "batch_size = 32\nseed = 1", 11, "defaults.seed", "seeds say which"),
        (
            'name = "spare"',
            'name = "root-s3"',
            28,
            "models.root-s3.name",
            "'root-s3' is what 'root'",
        ),
    ],
)
def test_seeds_that_clash(old: str, new: str, line: int, field: str, words: str) -> None:
    text = _plant(old, new).replace('title = "Two stages"', "seeds = [7, 3]")
    problems = check_recipe(text).problems
    assert [(at.line, at.field) for at in problems if words in at.message] == [(line, field)]


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    text = _plant('pre_weight = "root"', 'pre_weight = "nobody"')
    text = text.replace("image_size = 96", "image_size = 9").replace("epochs = 3", "epoch = 3")
    problems = check_recipe(text).problems
    assert [(at.line, at.field) for at in problems] == [
        (13, "stages.first.epoch"),
        (24, "models.child.pre_weight"),
        (25, "models.child.image_size"),
    ]
    with pytest.raises(InputError, match=r"^mine\.toml:13: stages.*\(and 2 more; see: .*\)$"):
        parse_recipe(text, "mine.toml")


@pytest.mark.parametrize(
    ("data", "labels"),
    [
        ("val_fraction = 0.2", 26),
        ("format = 'cxr-lt-2024'", 40),
        ("format = 'cxr-lt-2024'\ntask = 2", 26),
        ("format = 'cxr-lt-2024'\ntask = 3", 5),
        ("format = 'cxr-lt-2026'", 30),
        ("format = 'nih-chestxray14'", 15),
        ("format = 'nih-cxr-lt'", 20),
        ("format = 'chexpert'\nuncertain = 'ones'", 14),
    ],
)
def test_without_labels_a_recipe_has_those_of_its_format(data: str, labels: int) -> None:
    text = _plant("val_fraction = 0.2", data).replace('labels = ["Edema", "Mass"]\n', "")
    assert len(set(parse_recipe(text, "x").labels)) == labels


@pytest.mark.parametrize("data", ["format = 'padchest'", "format = 'csv'\n[data.csv]"])
def test_a_format_without_labels_of_its_own_needs_a_list(data: str) -> None:
    text = _plant("val_fraction = 0.2", data)
    assert parse_recipe(text, "x").labels == ("Edema", "Mass")
    (problem,) = check_recipe(text.replace('labels = ["Edema", "Mass"]\n', "")).problems
    assert problem.field == "labels"
    assert "has no labels of its own" in problem.message


def test_a_wrong_default_is_named_once_and_not_for_every_model() -> None:
    problems = check_recipe(_plant("batch_size = 32", "batch_size = 0")).problems
    assert [(at.line, at.field) for at in problems] == [(10, "defaults.batch_size")]


def test_an_empty_recipe_lacks_what_it_must_have() -> None:
    problems = check_recipe("").problems
    assert {at.field for at in problems} == {"name", "stages", "models"}


def test_a_message_is_one_line_whatever_the_recipe_says() -> None:
    for problem in check_recipe('"a\\nb" = 1\nname = "x\\ny"\nstages = [1]\nmodels = 2').problems:
        assert len(str(problem).splitlines()) == 1


def test_augmentation_of_a_model_keeps_the_other_defaults() -> None:
    text = _plant('architecture = "test_efficientnet"', "augmentation.rotate = 3.0")
    text = text.replace("max_lr = 0.01", "augmentation.flip = 0.0")
    augmentation = parse_recipe(text, "x").models[1].settings.augmentation
    assert (augmentation.flip, augmentation.rotate, augmentation.scale) == (0.0, 3.0, 0.85)


@pytest.mark.parametrize("text", ["a = " + "[" * 5000 + "]" * 5000, "a = 1" + "0" * 5000])
def test_absurd_files_are_problems_too(text: str) -> None:
    assert check_recipe(text).recipe is None


LINES = read_recipe_text("cxr-lt-2023").splitlines()
JUNK = [
    "x = 1",
    "name = 1",
    "[[models]]",
    "[models]",
    "stage = []",
    "[defaults]",
    "pre_weight = {}",
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(0, len(LINES) - 1), max_size=8),
    st.lists(st.tuples(st.integers(0, len(LINES)), st.sampled_from(JUNK)), max_size=4),
)
def test_any_mangled_recipe_is_a_recipe_or_has_problems(
    gone: list[int], added: list[tuple[int, str]]
) -> None:
    lines = [line for number, line in enumerate(LINES) if number not in gone]
    for number, junk in added:
        lines.insert(number, junk)
    checked = check_recipe("\n".join(lines))
    assert (checked.recipe is None) == bool(checked.problems)
    assert all(1 <= at.line <= len(lines) for at in checked.problems)
