from __future__ import annotations

from sonoedge_export.card.measurement import Figure, figure, measurement

METRICS = {
    "frames": 8,
    "dice_mean": 0.8,
    "dice_ci95": [0.7, 0.9],
    "malignancy_auroc": None,
    "malignancy_auroc_ci95": None,
    "sensitivity": 1,
}


def test_a_figure_keeps_its_interval_and_an_absent_one_stays_absent() -> None:
    measured = measurement("drawn", METRICS)
    assert (measured.name, measured.frames) == ("drawn", 8)
    assert measured.figures["dice_mean"] == Figure(value=0.8, ci95=(0.7, 0.9))
    assert measured.figures["malignancy_auroc"] == Figure(value=None, ci95=None)
    assert measured.figures["sensitivity"] == Figure(value=1.0, ci95=None)
    assert "specificity" not in measured.figures


def test_what_is_no_number_is_no_figure() -> None:
    for odd in ("0.9", True, [0.9], {}):
        assert figure({"sensitivity": odd}, "sensitivity").value is None
    for interval in ([0.1], [0.1, "x"], "ab", [True, False]):
        metrics = {"sensitivity": 0.9, "sensitivity_ci95": interval}
        assert figure(metrics, "sensitivity") == Figure(value=0.9, ci95=None)


def test_a_number_of_frames_that_is_no_count_is_none() -> None:
    assert measurement("x", {"frames": "8"}).frames is None
    assert measurement("x", {"frames": True}).frames is None
