from __future__ import annotations

from dataclasses import replace

from sample_recordings.moments import analysed, moment


def test_a_moment_takes_the_bytes_of_its_pixels_and_none_where_they_were_let_go() -> None:
    kept = moment(0.0, analysed())
    assert kept.size == 60 * 80
    assert replace(kept, lost=True).size == 0
    assert moment(0.0).size == 0
