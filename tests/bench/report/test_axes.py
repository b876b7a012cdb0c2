from __future__ import annotations

import pytest

from sonoedge_bench.report.plots.axes import LEFT, TOP, Axis, Drawing, axis


def test_an_axis_holds_its_values_and_starts_at_nothing_where_asked() -> None:
    result = axis("ms", [10.0, 20.0])
    assert result.low < 10 < 20 < result.high
    assert axis("ms", [10.0, 20.0], zero=True).low == 0.0
    assert axis("ms", [5.0, 5.0]).share(5.0) == pytest.approx(0.5)
    assert axis("ms", []).high > axis("ms", []).low


def test_ticks_are_few_and_round() -> None:
    assert [v for v, _ in Axis(label="", low=0, high=12).marks] == [0, 2, 4, 6, 8, 10, 12]
    assert [v for v, _ in Axis(label="", low=1, high=150, log=True).marks] == [
        1, 2, 5, 10, 20, 50, 100,
    ]  # fmt: skip
    assert [v for v, _ in Axis(label="", low=30, high=150, log=True).marks] == [
        30, 40, 50, 70, 100, 150,
    ]  # fmt: skip


def test_values_lie_where_the_axes_say_and_never_outside() -> None:
    drawing = Drawing(
        x=Axis(label="x", low=0, high=10), y=Axis(label="y", low=0, high=1), title="t"
    )
    assert drawing.px(0) == LEFT
    assert drawing.px(-5) == LEFT
    assert drawing.px(10) > drawing.px(5) > drawing.px(0)
    assert drawing.py(1) == TOP
    assert drawing.py(0) > drawing.py(1)


def test_words_are_escaped() -> None:
    drawing = Drawing(
        x=Axis(label="<x>", low=0, high=1), y=Axis(label="y", low=0, high=1), title='"t"'
    )
    drawing.text(0, 0, "<script>")
    drawing.dot(0, 0, "red", about="a & b")
    picture = drawing.svg()
    assert "<script>" not in picture
    assert "&lt;x&gt;" in picture
    assert "a &amp; b" in picture
    assert "&quot;t&quot;" in picture
