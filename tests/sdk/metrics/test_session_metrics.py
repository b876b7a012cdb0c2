"""What is published is the session's, of this moment; `sonoedge run --live --metrics` among it."""

from __future__ import annotations

import http.client
from pathlib import Path

import pytest

from metric_samples import RECORDING, SECRET, outcome, status
from sonoedge.errors import OutputError
from sonoedge.metrics import FrameTimes, SessionMetrics
from sonoedge.recording.status import RecordingStatus
from sonoedge.session import State, Status


class Session:
    state = State.READY
    recording: RecordingStatus | None = RECORDING

    def status(self) -> Status:
        return status(state=self.state)


def fetch(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def test_file_and_port_tell_of_the_moment(tmp_path: Path) -> None:
    session, times, file = Session(), FrameTimes(), tmp_path / f"{SECRET}.prom"
    with SessionMetrics(session, times, file=file, port=0, clock_s=lambda: 1.75e9) as metrics:
        assert metrics.port is not None
        assert 'sonoedge_state{state="READY"} 1\n' in file.read_text()
        times.add(outcome(3.0, {}))
        session.state = State.FAULT
        text = fetch(metrics.port)
        assert 'sonoedge_state{state="FAULT"} 1\n' in text
        assert "sonoedge_result_age_seconds_count 1\n" in text
        assert "sonoedge_exposition_timestamp_seconds 1750000000.0\n" in text
        assert "sonoedge_recording_clips_total 2\n" in text
    assert file.read_text() == text  # once more at the end
    metrics.close()
    with pytest.raises(ConnectionRefusedError):
        fetch(metrics.port)


def test_a_file_that_cannot_be_written_leaves_no_port_open(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        SessionMetrics(Session(), FrameTimes(), file=tmp_path / "absent" / "m.prom", port=0)
