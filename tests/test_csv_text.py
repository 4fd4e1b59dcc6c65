"""Two ways to parse a CSV file give the same fields, with the lines that they stand in."""

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.data import csv_text
from jobs.data.csv_text import Fields, read_fields
from jobs.data.faults import Faults
from jobs.errors import InputError

FIELD = st.text("ab0,.\té ", max_size=4) | st.sampled_from(["", "NA", "null", "1.0", " x", "#"])
LINE = st.lists(FIELD, min_size=1, max_size=4).map(",".join) | st.just("")
NAMES = ("one", "two", "three")


def whole(header: list[str]) -> list[int]:
    return list(range(len(header)))


def rows_of(fields: Fields) -> list[tuple[int, ...] | tuple[str, ...]]:
    columns = [[column[row] for row in range(len(column))] for column in fields.columns]
    return list(zip(fields.line.tolist(), *columns, strict=True))


def by_hand(text: str) -> list[tuple[int | str, ...]]:
    """Line and fields of each row without quotes that has as many fields as the first."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip("\r")]
    split = [(number, *line.removesuffix("\r").split(",")) for number, line in lines]
    return [row for row in split[1:] if len(row) == len(split[0])]


@settings(max_examples=150, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=30), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_fields_and_lines_are_those_of_the_text(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], end: str, ends: bool
) -> None:
    text = end.join([",".join(NAMES), *lines]) + end * ends
    file = tmp_path_factory.mktemp("csv") / "x.csv"
    file.write_bytes(text.encode())
    expected, faults = by_hand(text), Faults()
    if not expected:
        with pytest.raises(InputError, match="no row can be used"):
            read_fields(file, whole, faults)
        return
    fields = read_fields(file, whole, faults)
    assert rows_of(fields) == expected
    used = sum(1 for line in lines if line)
    assert fields.rows == used
    assert len(faults.found) == used - len(expected)
    quoted = csv_text._quoted(file, text.encode(), whole, again := Faults())
    assert (rows_of(quoted), quoted.rows) == (expected, used)
    assert [str(fault) for fault in again.found] == [str(fault) for fault in faults.found]


def test_quotes_commas_and_line_breaks(tmp_path: Path) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(
        [NAMES, ["a,b", 'c"d', "e\nf"], ["1", "2", "3"], ["", "", "g\r\nh"], ["4", "5", "6"]]
    )
    file = tmp_path / "x.csv"
    file.write_bytes(text.getvalue().encode())
    assert rows_of(read_fields(file, whole, Faults())) == [
        (2, "a,b", 'c"d', "e\nf"),
        (4, "1", "2", "3"),
        (5, "", "", "g\r\nh"),
        (7, "4", "5", "6"),
    ]


def test_many_rows_more_than_one_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_text, "_BLOCK", 100)
    file = tmp_path / "x.csv"
    lines = [f"{row},{row % 3},{'long' * 50 if row == 700 else row // 2}" for row in range(9000)]
    file.write_text("\n".join([",".join(NAMES), *lines[:10], "", "1,2", *lines[10:]]))
    faults = Faults()
    fields = read_fields(file, lambda header: [2, 0], faults)
    assert [str(fault) for fault in faults.found] == [
        f"{file}, line 13: 2 fields where the header has 3"
    ]
    assert fields.line.tolist() == [*range(2, 12), *range(14, 9004)]
    third, first = (list(map(column.__getitem__, range(9000))) for column in fields.columns)
    assert [f"{a},{int(a) % 3},{c}" for a, c in zip(first, third, strict=True)] == lines


def test_the_header_may_stand_below_blank_lines_and_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(b"\xef\xbb\xbf\r\n\r\none,two\r\na,b\r\n")
    headers: list[list[str]] = []
    fields = read_fields(file, lambda header: headers.append(header) or [1], Faults())
    assert (headers, rows_of(fields)) == ([["one", "two"]], [(4, "b")])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"\n \r\n", "it is empty"),
        (b"one,two\n", "no row can be used"),
        (b"one,two\na,b\nc\n\xff,d\n", "line 4: not UTF-8"),
        (b"one,two\na,b\0\n", "line 2: a zero byte"),
        (b'one,two\na,b\n"c"d,e\n', "line 3: not a CSV line"),
        (b'one,two\na,"b\n', "line 2: not a CSV line"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, content: bytes, words: str) -> None:
    file, faults = tmp_path / "x.csv", Faults()
    file.write_bytes(content)
    with pytest.raises(InputError) as raised:
        read_fields(file, whole, faults)
    assert words in str(raised.value)
    assert str(file) in str(raised.value)
    assert [fault.effect for fault in faults.found if str(fault) == str(raised.value)] == ["stops"]


def test_packed_files(tmp_path: Path) -> None:
    file = tmp_path / "x.csv.gz"
    file.write_bytes(gzip.compress(b"one,two\na,b\n"))
    assert rows_of(read_fields(file, whole, Faults())) == [(2, "a", "b")]
    for damaged in (file.read_bytes()[:-9], b"no gzip", file.read_bytes()[:12] + b"\xff" * 20):
        file.write_bytes(damaged)
        with pytest.raises(InputError, match="cannot be read"):
            read_fields(file, whole, Faults())
    with pytest.raises(InputError, match="No such file"):
        read_fields(tmp_path / "nowhere.csv", whole, Faults())
