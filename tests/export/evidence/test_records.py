from __future__ import annotations

import pytest

from sonoedge.errors import InvalidData
from sonoedge_export.evidence.records import parse_hazards, parse_requirements

REQUIREMENT = (
    '[[requirement]]\nid = "R1"\ntext = "It holds."\ntests = ["tests/test_x.py::test_a"]\n'
)
HAZARD = """[[hazard]]
id = "H1"
hazard = "a"
situation = "b"
harm = "c"
left_to_the_manufacturer = "d"
[[hazard.control]]
text = "e"
requirements = ["R1"]
"""


def test_requirements_and_hazards_are_read() -> None:
    requirements = parse_requirements(REQUIREMENT.encode(), "r.toml")
    (requirement,) = requirements.requirement
    assert requirement.tests == ("tests/test_x.py::test_a",)
    (hazard,) = parse_hazards(HAZARD.encode(), "h.toml", requirements).hazard
    assert hazard.control[0].requirements == ("R1",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "requirement is missing"),
        ("requirement = []", "holds no entry"),
        ("x = [", "no TOML"),
        (REQUIREMENT + REQUIREMENT, "R1 stands twice"),
        (REQUIREMENT.replace("R1", "1"), "not a letter and a number"),
        (REQUIREMENT.replace("::", ":"), "names the test"),
        (REQUIREMENT.replace("text", "texts"), "texts is unknown"),
        (REQUIREMENT.replace("It holds.", "It\\u001b[2J"), r"U\+001B"),
        ("[" * 10_000, "no TOML"),
    ],
)
def test_requirements_that_break_a_rule_are_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidData, match=why):
        parse_requirements(text.encode(), "r.toml")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (HAZARD.replace("R1", "R9"), "names R9, which the requirements do not have"),
        (HAZARD.partition("[[hazard.control]]")[0] + "control = []", "has no control"),
        (HAZARD.replace("harm", "harms"), "harms is unknown"),
    ],
)
def test_hazards_that_break_a_rule_are_refused(text: str, why: str) -> None:
    requirements = parse_requirements(REQUIREMENT.encode(), "r.toml")
    with pytest.raises(InvalidData, match=why):
        parse_hazards(text.encode(), "h.toml", requirements)
