from __future__ import annotations

import re

import pytest

from studies.metrics_cost import main


def test_both_costs_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--rounds", "3"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all(re.search(r"p50 \d+\.\d us, slowest of 3 \d+\.\d us$", line) for line in lines)
