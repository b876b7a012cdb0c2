"""studies/decoding.py: a clock that ticks by hand, so that the numbers are known."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

import pytest

from studies import decoding
from studies.decoding import Price, price, still


def test_a_round_is_the_median_from_asking_to_having() -> None:
    ticks = count(step=2_000_000)  # the clock jumps 2 ms at each reading
    measured = price("grey", frames=3, rounds=2, clock_ns=lambda: next(ticks))
    assert measured.here_ms == measured.child_ms == (2.0, 2.0)
    assert measured.start_ms == (2.0, 2.0)
    assert measured.price_ms == 0.0


def test_the_price_is_what_the_process_adds() -> None:
    one = Price(
        kind="bgr", busy_ms=0, here_ms=(1.0, 2.0, 9.0), child_ms=(2.5, 2.0, 3.0), start_ms=(1.0,)
    )
    assert one.price_ms == 0.5


@pytest.mark.parametrize(("kind", "shape"), [("grey", (480, 640)), ("bgr", (480, 640, 3))])
def test_the_reader_gives_as_many_frames_as_its_name_says(
    kind: str, shape: tuple[int, ...]
) -> None:
    pictures = list(still(Path(f"{kind}-4")).pictures())
    assert [p.pixels.shape for p in pictures] == [shape] * 4


def test_a_line_per_kind_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert decoding.main(["--frames", "3", "--rounds", "1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 5
    assert decoding.main(["--frames", "3", "--rounds", "1", "--json"]) == 0
    prices = json.loads(capsys.readouterr().out)
    assert {one["kind"] for one in prices} == {"grey", "bgr"}
    assert all(one["child_ms"][0] > 0 for one in prices)
