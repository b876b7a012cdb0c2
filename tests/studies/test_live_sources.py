"""The study of what OpenIGTLink costs runs; its figures are for people."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("fastcrc", reason="needs the extra igtl")

from studies import live_sources


def test_it_prints_a_line_for_each_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(live_sources, "FRAMES", 5)
    monkeypatch.setattr(live_sources, "IDLE_S", 0.1)
    live_sources.main()
    *lines, idle = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["source", "caller"]
    assert all(re.search(r"p50 \d+\.\d{3} ms .* n 5$", line) for line in lines)
    assert re.fullmatch(r"idle    source \d+\.\d\d %  sink \d+\.\d\d %  of a core", idle)
