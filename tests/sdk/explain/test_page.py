from __future__ import annotations

from dataclasses import replace

from explain_samples import explained
from sonoedge.explain.page import page


def test_the_page_says_what_was_measured_and_that_it_is_no_diagnosis() -> None:
    text = page(explained((0.2, 0.0, 0.0, 0.0)))
    for words in ("not for diagnosis", "0.300", "0.010", "Tinted", "prefers-color-scheme"):
        assert words in text


def test_a_page_without_a_map_says_so_first() -> None:
    drawn = explained((0.2, 0.0, 0.0, 0.0))
    text = page(replace(drawn, deletion=replace(drawn.deletion, figure=0.0)))
    assert '<p class="refused">No map is drawn' in text
    assert "Tinted" not in text


def test_a_method_that_is_drawn_from_chance_tells_its_stability() -> None:
    drawn = explained((0.2, 0.0, 0.0, 0.0))
    assert "rank correlation of two halves" not in page(drawn)
    text = page(replace(drawn, method="lime", made=replace(drawn.made, stability=0.61)))
    assert "rank correlation of two halves</th><td>0.61" in text
