"""The real process and its engine, stopped and killed, as the page in Chromium shows it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
pytest.importorskip("websockets", reason="needs the extra view")
pytest.importorskip("playwright.sync_api", reason="needs Playwright")
if shutil.which("chromium") is None:
    pytest.skip("needs Chromium", allow_module_level=True)

from studies.view_outage import LIVE, OUTAGES, Outage, headline, new_page, see, verb, wait_for

EXPECTED = {
    "process stopped": {"STALE"},
    "process killed": {"LOST"},
    # Until its deadline nothing comes; then the frame is given up.
    "engine stopped": {"STALE", "NOT ANALYSED"},
    "engine killed": {"NOT ANALYSED", "STALE"},
}


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    with new_page() as page:
        yield page


@pytest.fixture(scope="module")
def command(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("recording")
    for number in range(600):
        pixels = np.random.default_rng(number).integers(140, 200, (120, 160), dtype=np.uint8)
        cv2.imwrite(str(folder / f"{number:03d}.png"), pixels)
    words = [sys.executable, "-m", "sonoedge", "view", str(repository / "tests/data/tiny")]
    return [*words, str(folder), "--fps", "10", "--runtime", "onnxruntime"]


def test_a_probe_that_freezes_reads_as_not_analysed(
    page: Any, command: list[str], tmp_path: Path
) -> None:
    for number in range(300):
        seed = min(number, 40)
        pixels = np.random.default_rng(seed).integers(140, 200, (120, 160), dtype=np.uint8)
        cv2.imwrite(str(tmp_path / f"{number:03d}.png"), pixels)
    words = [str(tmp_path) if word == command[5] else word for word in command]
    with verb(page, words):
        assert headline(page) in LIVE
        wait_for(lambda: headline(page) == "NOT ANALYSED")
        assert page.locator("#explained").text_content() == "frame frozen"


@pytest.mark.req("R64")
@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: outage.name)
def test_the_page_says_so_when_what_analyses_stops_or_dies(
    page: Any, command: list[str], outage: Outage
) -> None:
    seen = see(page, command, outage)
    assert seen.headline in EXPECTED[outage.name]
    assert seen.words
    assert seen.returned == outage.engine
