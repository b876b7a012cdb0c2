"""A status as text: complete, by Prometheus' conventions, and without a name."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from typing import Any

import pytest

from metric_samples import ORIGIN, RECORDING, SECRET, outcome, status, times
from sonoedge.metrics import FrameTimes, exposition
from sonoedge.session import State, Status

parser = pytest.importorskip("prometheus_client.parser")
PROMTOOL = shutil.which("promtool")
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def whole(**changes: Any) -> str:
    return exposition(status(**changes), times=times(), recording_status=RECORDING, at_s=1.75e9)


def samples(text: str) -> Samples:
    """All samples by name and labels, each there once."""
    found: Samples = {}
    for family in parser.text_string_to_metric_families(text):
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in found, key
            found[key] = sample.value
    return found


def value(text: str, name: str, **labels: str) -> float:
    return samples(text)[f"sonoedge_{name}", tuple(sorted(labels.items()))]


def test_every_figure_of_a_status_is_told() -> None:
    text = whole()
    assert value(text, "state", state="DEGRADED") == 1
    assert sum(value(text, "state", state=s.value) for s in State) == 1
    assert value(text, "state_reason", reason="LOG_STORAGE") == 1
    assert value(text, "state_reason", reason="ENGINE_HUNG") == 0
    assert value(text, "valid") == 1
    assert value(text, "beat_age_seconds") == 0.04
    assert value(text, "answer_age_seconds") == 1.5
    assert value(text, "frames_submitted_total") == 20
    assert value(text, "frames_total", outcome="analysed") == 12
    assert value(text, "frames_total", outcome="not_analysed") == 5
    assert value(text, "frames_total", outcome="superseded") == 2
    assert value(text, "frames_in_flight") == 1
    assert value(text, "frames_not_analysed_total", reason="NO_CONTACT") == 4
    assert value(text, "frames_not_analysed_total", reason="STALE") == 0  # there before the first
    assert value(text, "engine_replacements_total") == 3
    assert value(text, "callback_errors_total") == 1
    assert (
        value(text, "engine_info", runtime="onnxruntime", precision="int8", placement="free") == 1
    )
    assert value(text, "switches_total") == 2
    assert value(text, "switch_reverts_total") == 1
    assert value(text, "switch_trial_frames") == 7
    assert value(text, "shadow_state", state="RUNNING") == 1
    assert value(text, "shadow_frames_due_total") == 9
    assert value(text, "shadow_frames_compared_total") == 6
    assert value(text, "shadow_frames_agreed_total") == 4
    assert value(text, "shadow_disagreements_total", kind="REGIONS") == 2
    assert value(text, "shadow_frames_not_compared_total", reason="SESSION_BUSY") == 2
    assert value(text, "shadow_failures_total", reason="ENGINE_HUNG") == 1
    assert value(text, "audit_sequence_number") == 41
    assert value(text, "recording_clips_total") == 2
    assert value(text, "recording_failures_total") == 1
    assert value(text, "recording_lost_frames_total") == 3
    assert value(text, "recording_writing") == 1
    assert value(text, "stage_duration_seconds_count", stage="guard") == 2
    assert value(text, "stage_duration_seconds_bucket", stage="engine", le="0.005") == 1
    assert value(text, "result_age_seconds_count") == 2
    assert value(text, "result_age_seconds_bucket", le="2.5") == 1
    assert value(text, "exposition_timestamp_seconds") == 1.75e9


def test_what_there_is_not_has_no_sample() -> None:
    text = exposition(status(shadow=None, audit=None, origin=None, answered_ns=None))
    names = {name for name, _ in samples(text)}
    for part in (
        "shadow",
        "audit",
        "recording",
        "engine_info",
        "answer_age",
        "bucket",
        "timestamp",
    ):
        assert not any(part in name for name in names), part


def test_a_session_whose_thread_stands_still_is_not_valid() -> None:
    text = whole(at_ns=10_100_000_000)
    assert value(text, "valid") == 0


@pytest.mark.req("R52")
def test_no_name_of_anything_is_in_a_metric() -> None:
    foreign = replace(ORIGIN, runtime=SECRET, precision=SECRET)
    strange = status().counters
    strange = replace(strange, not_analysed={SECRET: 5})
    for text in (whole(), whole(origin=foreign, counters=strange, reasons=(SECRET,))):
        assert SECRET not in text
    assert value(text, "engine_info", runtime="other", precision="other", placement="free") == 1
    assert value(text, "frames_not_analysed_total", reason="other") == 5
    many = FrameTimes()
    for number in range(1000):
        many.add(outcome(1.0, {f"stage-{number}": 1.0}))
    assert len(exposition(status(), times=many)) < 20_000


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")
@pytest.mark.parametrize(
    "made", [status(), status(shadow=None, audit=None, origin=None, answered_ns=None)]
)
def test_promtool_has_nothing_to_say(made: Status) -> None:
    assert PROMTOOL is not None
    text = exposition(made, times=times(), recording_status=RECORDING, at_s=1.75e9)
    done = subprocess.run(
        [PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    bad = text.replace("frames_submitted_total", "frames_submitted")
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=bad, capture_output=True, text=True)
    assert done.returncode != 0  # it looks
