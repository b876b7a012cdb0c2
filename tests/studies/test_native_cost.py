from __future__ import annotations

import re
import shutil

import pytest

from studies.native_cost import main


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")
def test_both_steps_are_printed_for_grey_and_colour(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--frames", "4"])
    lines = capsys.readouterr().out.splitlines()
    assert [line[:28].split() for line in lines] == [
        [kind, *step.split()]
        for kind in ("grey", "colour")
        for step in ("guard and input", "regions and tracks")
    ]
    assert all(re.search(r"Python +\d+\.\d us   C +\d+\.\d us +\d+\.\d times", x) for x in lines)
