from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from drift_samples import analysed_frames
from sonoedge.drift.counts import Counts
from sonoedge.metrics.content import FrameContent


def test_the_metrics_hold_the_counts_of_drift_and_are_as_many_after_a_year() -> None:
    content, counts = FrameContent(), Counts()
    empty = len(list(content.lines()))
    for analysis in analysed_frames(300):
        content.add(analysis)
        counts.add(analysis)
    lines = list(content.lines())
    assert len(lines) == empty
    families = {f.name: f for f in text_string_to_metric_families("\n".join([*lines, ""]))}
    assert families["sonoedge_frames_without_region"].samples[0].value == 60
    assert families["sonoedge_frames_flagged"].samples[0].value == counts.flagged
    for family, name, skipped in (
        ("sonoedge_frame_suspicion", "suspicion", 1),
        ("sonoedge_input_grey_mean", "grey_mean", 0),
        ("sonoedge_input_grey_deviation", "grey_deviation", 0),
    ):
        within = [s.value for s in families[family].samples if s.name.endswith("_bucket")]
        bins = [b - a for a, b in zip([0, *within], within, strict=False)]
        assert bins == counts.histograms[name][skipped:]
