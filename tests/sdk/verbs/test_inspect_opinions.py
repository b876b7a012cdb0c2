"""inspect shows thresholds that are not there as what they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sonoedge.bundle import read_bundle
from sonoedge.certainty import CalibratedOn, Certainty, Coverage
from sonoedge.verbs.inspect_opinions import opinion_lines

ON = CalibratedOn(name="own", sha256="0" * 64, patients=12, malignant=4, benign=8)
NOWHERE = Coverage(
    name="elsewhere",
    malignant=0,
    benign=8,
    malignant_covered=None,
    malignant_ci95=None,
    benign_covered=1.0,
    benign_ci95=(0.6, 1.0),
    one_answer=0.0,
    wrong=None,
)


def test_too_few_frames_are_said_and_lines_fit_a_terminal(repository: Path) -> None:
    certainty = Certainty(
        alpha=0.05, benign_up_to=None, malignant_from=None, calibrated_on=ON, measured=(NOWHERE,)
    )
    lines = list(
        opinion_lines(
            replace(read_bundle(repository / "tests/data/tiny").manifest, certainty=certainty)
        )
    )
    assert "malignant from none: too few frames, benign up to none: too few frames" in lines[0]
    assert "malignant -, benign 1.000 covered; one answer 0%" in lines[2]
    assert "Another scanner" in " ".join(" ".join(lines).split())
    assert max(map(len, lines[3:])) <= 80


def test_a_bundle_without_any_has_no_lines(repository: Path) -> None:
    assert list(opinion_lines(read_bundle(repository / "tests/data/tiny").manifest)) == []
