from __future__ import annotations

import pytest

from report_samples import analysed, collection, refused, region_at
from sonoedge.analysis import Analysis


@pytest.mark.req("R54")
@pytest.mark.parametrize(
    ("analyses", "code"),
    [
        ([analysed(), analysed()], "111241"),
        ([analysed(), analysed(region_at(40, 40, 0.9))], "111242"),
        ([refused(), analysed()], "111243"),
        ([refused(), analysed(region_at(40, 40, 0.9))], "111244"),
        ([refused(), refused()], "111245"),
    ],
)
def test_without_findings_is_all_that_stands_only_where_every_frame_was_analysed(
    analyses: list[Analysis], code: str
) -> None:
    taken = collection(2)
    for frame, analysis in enumerate(analyses, 1):
        taken.add(frame, analysis)
    assert taken.findings().summary.value == code


def test_the_comment_says_how_many_frames_were_not_analysed_and_why() -> None:
    taken = collection(2)
    taken.add(1, refused())
    taken.add(2, analysed())
    comment = taken.findings().comment
    assert "1 of 2 frames not analysed: NO_CONTACT 1" in comment
    assert comment.endswith("For research, not for diagnosis.")


@pytest.mark.req("R54")
@pytest.mark.parametrize(
    ("analyses", "words"),
    [
        ([analysed(), analysed()], "no region"),
        ([analysed(region_at(40, 40, 0.2))] * 2, "no region that reached the threshold"),
        ([analysed(), refused()], "no region in what was analysed"),
        ([refused(), refused()], "nothing was analysed"),
    ],
)
def test_no_region_is_all_that_is_said_only_where_every_frame_was_analysed_and_had_none(
    analyses: list[Analysis], words: str
) -> None:
    taken = collection(2)
    for frame, analysis in enumerate(analyses, 1):
        taken.add(frame, analysis)
    assert taken.findings().no_region == words


def test_a_file_with_two_regions_speaks_of_pictures() -> None:
    taken = collection(1, passes=2)
    taken.add(1, analysed())
    taken.add(1, refused())
    assert taken.findings().comment.startswith("1 of 2 pictures (2 regions of each frame) analysed")
    assert taken.findings().summary.value == "111243"


def test_no_word_of_a_diagnosis_or_a_category_is_in_what_leaves() -> None:
    taken = collection(1)
    taken.add(1, analysed(region_at(40, 40, 0.9)))
    findings = taken.findings()
    words = f"{findings.comment} {findings.summary.meaning} {findings.findings[0].label}".lower()
    for word in ("bi-rads", "birads", "malignant", "benign", "verified"):
        assert word not in words


def test_parameters_say_what_makes_an_answer_repeatable() -> None:
    algorithm = collection(1).findings().algorithm
    assert algorithm.parameters == (
        "bundle=breast-1.0-0123abcd",
        "variant=onnxruntime-fp32",
        f"engine_sha256={'ab' * 32}",
        "flag_threshold=0.5",
    )
