import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.recipe.positions import Positions

TRICKY = '''\
top = "a # no comment = ["  # comment = 1
"quoted.key" = 'x'
text = """
[not.a.table]
key = "no"
"""

[a.b]  # comment
c.d = 1.5
inline = { x = 1, y = [ 2,
  3 ] }

[[list]]
k = 1
[list.sub]
m = 2

[[list.deep]]
n = """two \\""" quotes"" """
[[list.deep]]
n = [
  # a comment, [ and "
  'p', 1979-05-27 07:32:00,

  [ "q" ],
]
[[list]]
k = -1e-3
z = ''
'''


def test_every_path_has_its_line() -> None:
    positions = Positions(TRICKY)
    expected = {
        ("top",): 1,
        ("quoted.key",): 2,
        ("text",): 3,
        ("a", "b"): 8,
        ("a", "b", "c", "d"): 9,
        ("a", "b", "inline"): 10,
        ("a", "b", "inline", "y", 0): 10,
        ("a", "b", "inline", "y", 1): 11,
        ("list", 0): 13,
        ("list", 0, "k"): 14,
        ("list", 0, "sub", "m"): 16,
        ("list", 0, "deep", 0): 18,
        ("list", 0, "deep", 0, "n"): 19,
        ("list", 0, "deep", 1): 20,
        ("list", 0, "deep", 1, "n", 0): 23,
        ("list", 0, "deep", 1, "n", 1): 23,
        ("list", 0, "deep", 1, "n", 2, 0): 25,
        ("list", 1): 27,
        ("list", 1, "z"): 29,
    }
    tomllib.loads(TRICKY)
    assert {path: positions.line(path) for path in expected} == expected


def test_what_is_not_there_has_the_line_of_its_table() -> None:
    positions = Positions(TRICKY)
    assert positions.line(("list", 1, "missing", "deeper")) == 27
    assert positions.line(("nothing",)) == 1


def test_windows_line_ends() -> None:
    assert Positions("a = 1\r\n\r\n[b]\r\nc = 2\r\n").line(("b", "c")) == 4


SCALARS = ["1", "-1.5e3", "true", "'[,='", r'"\"]"', "'''a\n=[b'''", '"""\n"x""""']


def _array(items: list[str]) -> str:
    return "[\n" + ", #,\n".join(items) + "\n]"


def _inline_table(items: list[str]) -> str:
    return "{" + ", ".join(f"k{number} = {item}" for number, item in enumerate(items)) + "}"


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(inner, max_size=3).flatmap(
        lambda items: st.sampled_from([_array(items), _inline_table(items)])
    )


VALUES = st.recursive(st.sampled_from(SCALARS), _nested, max_leaves=6)


@settings(deadline=None)
@given(st.lists(VALUES, max_size=5))
def test_values_of_any_shape_do_not_shift_lines(values: list[str]) -> None:
    text, lines = "", {}
    for number, value in enumerate(values):
        lines[("table", number, "key")] = text.count("\n") + 2
        text += f"[[table]]\nkey = {value}\n"
    tomllib.loads(text)
    positions = Positions(text)
    assert {path: positions.line(path) for path in lines} == lines
