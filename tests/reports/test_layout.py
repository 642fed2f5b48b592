"""Lines by cell width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from dealreview.reports.layout import fit, line, pad, paragraph, sides, spaced, table, text_of, wrap


@given(st.text(alphabet=st.sampled_from("ab 汉字🎉é\u0301 "), max_size=60), st.integers(8, 30))
def test_wrapped_lines_fit(text: str, width: int) -> None:
    """No line is wider than was asked for, and no word is lost."""
    lines = wrap(text, width)
    assert all(cell_len(part) <= width for part in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.text(max_size=40), st.integers(2, 30))
def test_a_cut_text_has_its_width_in_cells(text: str, width: int) -> None:
    """Wide characters count twice when a text is cut or filled up."""
    assert cell_len(fit(text, width)) <= width
    assert cell_len(pad(text, width)) == width


def test_both_sides_stand_on_one_line_where_they_fit() -> None:
    """The right part ends at the last column, else it goes to the next line."""
    wide = text_of(sides(line("left"), line("right"), 20))
    narrow = text_of(sides(line("left left"), line("right right"), 20))
    assert wide == "left           right\n"
    assert narrow == "left left\n         right right\n"


def test_a_paragraph_hangs_under_its_mark() -> None:
    """Further lines stand under the text, not under the mark."""
    lines = paragraph("one two three four", 12, indent=2, hang=2, lead="> ")
    assert text_of(lines) == "  > one two\n    three\n    four\n"


def test_a_table_wraps_its_last_column() -> None:
    """Columns are as wide as their widest cell; the last takes what is left."""
    rows = [("1", "ab", "word " * 12), ("12", "c", "short")]
    lines = text_of(table(rows, 40, numbers=1)).splitlines()
    assert lines[0].startswith(" 1  ab  word word")
    assert lines[1].startswith("        word")
    assert lines[-1] == "12  c   short"
    assert all(len(part) <= 40 for part in lines)


def test_a_table_without_room_stacks() -> None:
    """Where too little is left for the last column it goes below the others."""
    lines = text_of(table([("a" * 20, "meaning")], 40)).splitlines()
    assert lines == ["a" * 20, "    meaning"]


def test_empty_groups_leave_no_gap() -> None:
    """Groups of lines are parted by one empty line."""
    groups = [[line("a")], [], [line("b"), line("c")]]
    assert text_of(spaced(groups)) == "a\n\nb\nc\n"


@pytest.mark.parametrize("text", ["[bold]x[/bold]", ":smile:", "\x1b[1mx"])
def test_data_is_never_markup(text: str) -> None:
    """Markup, emoji codes and escapes in data are shown as they were written."""
    assert "\x1b" not in line(text).plain
    assert line(text).plain.replace("\\x1b", "\x1b") == text
