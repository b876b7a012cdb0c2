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
    live_sources.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["source", "caller"]
    assert all(re.search(r"p50 \d+\.\d{3} ms .* n 5$", line) for line in lines)
