from __future__ import annotations

from typing import Any

import pytest

from sonoedge.analysis import Analysed, GreyLevels, NotAnalysed, Origin, Reason
from sonoedge.drift.counts import Counts, bins_of
from sonoedge.errors import InvalidData

ORIGIN = Origin(bundle_id="", engine_sha256="", runtime="", precision="", variant="")
COMMON: dict[str, Any] = {
    "frame_id": 0,
    "captured_ns": 0,
    "age_ms": 0.0,
    "stages_ms": {},
    "origin": ORIGIN,
}


def analysed(**values: Any) -> Analysed:
    return Analysed(regions=(), class_probs={}, **COMMON, **values)


def filled() -> Counts:
    counts = Counts()
    for suspicion, mean in ((None, 0.0), (0.05, 16.0), (0.0501, 16.5), (1.0, 255.0)):
        counts.add_analysed(suspicion, GreyLevels(mean, mean / 2), flagged=suspicion == 1.0)
    counts.add(NotAnalysed(reasons=(Reason.BLACK, Reason.CONSTANT), **COMMON))
    return counts


def test_each_frame_falls_into_one_bin_whose_upper_end_is_within() -> None:
    counts = filled()
    suspicion = counts.histograms["suspicion"]
    assert (suspicion[0], suspicion[1], suspicion[2], suspicion[20]) == (1, 1, 1, 1)
    assert [i for i, n in enumerate(counts.histograms["grey_mean"]) if n] == [0, 1, 15]
    assert counts.histograms["grey_mean"][0] == 2
    assert (counts.frames, counts.analysed, counts.flagged) == (5, 4, 1)
    assert counts.not_analysed == {"BLACK": 1, "CONSTANT": 1}
    assert bins_of(counts)["abstained"] == [4, 1]


def test_nothing_found_is_not_a_frame_that_was_not_analysed() -> None:
    found, refused = Counts(), Counts()
    found.add(analysed())
    refused.add(NotAnalysed(reasons=(Reason.BLACK,), **COMMON))
    assert found.histograms["suspicion"][0] == 1
    assert sum(refused.histograms["suspicion"]) == 0


def test_counts_of_a_frame_without_grey_levels_leave_those_out() -> None:
    counts = Counts()
    counts.add(analysed())
    assert sum(counts.histograms["grey_mean"]) == 0


def test_they_merge_and_cross_json() -> None:
    twice = filled()
    twice.merge(filled())
    assert twice.frames == 10
    assert twice.not_analysed == {"BLACK": 2, "CONSTANT": 2}
    assert Counts.parse(twice.plain(), "x").plain() == twice.plain()


@pytest.mark.parametrize(
    "change",
    [
        {"frames": -1},
        {"frames": 1.5},
        {"frames": True},
        {"analysed": 6},
        {"not_analysed": {"Doe^Jane": 1}},
        {"not_analysed": []},
        {"histograms": {}},
        {"histograms": {"suspicion": [0], "grey_mean": [], "grey_deviation": []}},
    ],
)
def test_what_are_no_counts_is_refused_without_quoting_it(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidData, match="report") as refused:
        Counts.parse(filled().plain() | change, "report")
    assert "Doe" not in str(refused.value)
