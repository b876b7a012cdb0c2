from __future__ import annotations

import pytest

from sonoedge.errors import InvalidData

PAGE = "Before.\n\n<!-- table: a -->\n\nold\n\n<!-- table ends -->\n\nBehind.\n"


def test_a_table_takes_the_place_of_the_one_before_and_nothing_else_changes() -> None:
    from blocks import replaced

    page = replaced(PAGE, "a", "| new |\n")
    assert page == PAGE.replace("old", "| new |")
    assert replaced(page, "a", "old") == PAGE


def test_a_command_stays_indented() -> None:
    from blocks import replaced

    text = "    sonoedge bench BUNDLE\n\n| new |"
    assert replaced(PAGE, "a", f"{text}\n") == PAGE.replace("old", text)


@pytest.mark.parametrize(
    "page",
    [
        "no marks",
        "<!-- table: a --> and no end",
        "<!-- table ends --> <!-- table: a -->",
        PAGE + PAGE,
    ],
)
def test_a_page_without_its_marks_is_refused(page: str) -> None:
    from blocks import replaced

    with pytest.raises(InvalidData, match="table: a"):
        replaced(page, "a", "new")


def test_a_report_becomes_a_section_without_headings() -> None:
    from blocks import as_section

    report = "# lesionnet: closed\n\n- **machine**: m, kernel 6.1-own\n\n## Latency\n\n| a |\n"
    assert as_section(report) == "- **machine**: m\n\n**Latency**\n\n| a |"
