from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sonoedge.engines.options import EngineOptions
from sonoedge.errors import InvalidSettings
from sonoedge.report.request import Request


def request(**changes: Any) -> Request:
    return Request(bundle="b", source=Path("a.dcm"), out=Path("out"), **changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sr": "none"}, "leaves nothing to make"),
        ({"blank": True}, "goes with --overlay"),
        ({"patient": True}, "goes with --fhir"),
        ({"jsonl": Path("a"), "engine": EngineOptions(runtime="openvino")}, "analyses nothing"),
        ({"fps": 0.0}, "positive"),
        ({"fps": float("nan")}, "positive"),
    ],
)
def test_what_does_not_go_together_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidSettings, match=words):
        request(**changes)


def test_a_structured_report_is_what_is_made_unasked() -> None:
    assert request().sr == "3d"
