"""The study of what a viewer costs runs; its figures are for people."""

from __future__ import annotations

import re
import shutil

import pytest

pytest.importorskip("websockets", reason="needs the extra view")
if shutil.which("chromium") is None:
    pytest.skip("needs Chromium", allow_module_level=True)

from studies.view_cost import main


def test_cost_and_latency_are_printed_for_grey_and_colour(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--frames", "15", "--rounds", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for kind, (latency, cost) in zip(("grey", "colour"), (lines[:2], lines[2:]), strict=True):
        drawn = re.match(
            rf"{kind}: (\d+) of 15 pictures drawn, latency p50 [\d.]+ ms, p99 [\d.]+ ms$", latency
        )
        assert drawn
        assert int(drawn[1]) > 0
        assert re.match(
            rf"{kind}: server's CPU per frame [\d.]+ ms with a viewer, "
            r"[\d.]+ ms per picture drawn, [\d.]+ ms without",
            cost,
        )
