from __future__ import annotations

import pytest

from sonoedge.bundle.names import check_label, check_name, check_text, printable
from sonoedge.errors import InvalidSettings


@pytest.mark.parametrize("name", ["lesionnet", "1", "a.b-c_d+e", "_x", "x" * 64])
def test_a_part_of_a_file_name_is_a_name(name: str) -> None:
    check_name("name", name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "x/../y", "-rf", ".hidden", "a b", "ä", "a\n", "x" * 65]
)
def test_what_could_lead_elsewhere_is_no_name(name: str) -> None:
    with pytest.raises(InvalidSettings, match=r"name is .*; allowed are 1 to 64 letters"):
        check_name("name", name)


@pytest.mark.parametrize(
    ("text", "code"),
    [("\x1b]0;owned\x07", "001B"), ("a\rb", "000D"), ("a\x9bb", "009B"), ("a\u202eb", "202E"),
     ("a\u2028b", "2028"), ("a\0", "0000"), ("\u2066", "2066")],
)  # fmt: skip
def test_text_that_a_terminal_would_act_on_is_refused_wherever_it_stands(
    text: str, code: str
) -> None:
    for value in (text, {"a": [{"b": text}]}, {"a": {text: 1}}, ("x", text)):
        with pytest.raises(InvalidSettings, match=rf"document.* holds the character U\+{code}"):
            check_text(value, "the document")
        assert all(c.isprintable() for c in printable(text))


def test_text_in_any_script_and_over_several_lines_is_allowed() -> None:
    text = "Für die Brust.\n\tسینه‌ها 乳房 µm²"
    check_text({"سینه‌ها": [text, 1, None, 2.5, True]}, "the document")
    assert printable("Für 乳房") == "Für 乳房"


def test_a_key_is_one_line() -> None:
    with pytest.raises(InvalidSettings, match=r"a key of the document holds the character U\+000A"):
        check_text({"a\nb": 1}, "the document")


def test_text_for_one_line_stays_on_one_line() -> None:
    assert printable("a\nb\x1b[2J") == "a\\nb\\x1b[2J"


@pytest.mark.parametrize(
    "label", ["x", "Zyste", "bösartig", "腫瘤", "x" * 64, "a\N{COMBINING ACUTE ACCENT}"]
)
def test_a_label_may_be_in_any_script(label: str) -> None:
    check_label(label)


@pytest.mark.parametrize(
    "label",
    ["", "x" * 65, "a\n", "a\u00a0b", "a\u200bb", "\ufeffa", "\ue000", "\u202eb", "a\U000e0041"],
)
def test_a_label_whose_characters_are_not_all_seen_is_refused(label: str) -> None:
    with pytest.raises(InvalidSettings, match="not 1 to 64 characters"):
        check_label(label)


def test_no_label_is_refused_for_a_character_that_python_shows() -> None:
    for point in range(0x110000):
        if chr(point).isprintable():
            check_label(chr(point))
