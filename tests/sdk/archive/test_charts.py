from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from sonoedge.archive.charts import histogram, rate_bar, table
from sonoedge.archive.rates import Rate


def test_bars_are_as_high_as_their_shares() -> None:
    svg = histogram("a < b", [1, 0, 3], [2, 2, 0], ("0", "1", "2"))
    root = ET.fromstring(svg)
    heights = [float(bar.attrib["height"]) for bar in root.iter("rect")]
    assert len(heights) == 2
    assert heights[1] / heights[0] == 3
    assert len(list(root.iter("path"))) == 2  # axis and outline
    assert "a &lt; b" in svg


def test_a_histogram_of_nothing_and_without_reference_is_drawn() -> None:
    root = ET.fromstring(histogram("t", [0, 0], None, ("0", "", "1")))
    assert not list(root.iter("rect"))


def test_a_rates_point_lies_within_its_interval() -> None:
    svg = rate_bar(Rate(count=5, per_1000=50.0, ci95=(25.0, 100.0)), 100.0)
    low, high = map(float, re.findall(r'whisker" d="M([\d.]+),8H([\d.]+)"', svg)[0])
    at = float(re.findall(r'cx="([\d.]+)"', svg)[0])
    assert low < at < high <= 220
    assert 'cx="6.0"' in rate_bar(Rate(count=0, per_1000=0.0, ci95=None), 0.0)


def test_a_tables_titles_are_text() -> None:
    assert "&amp;" in table([("n", "a & b")], iter(["<tr></tr>"]), "x")
