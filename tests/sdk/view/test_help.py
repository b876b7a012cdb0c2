"""The page's help explains each word that the line at its top can say."""

from __future__ import annotations

import re
from importlib.resources import files

PLAIN = {"WAITING", "ANALYSED"}  # their own sentence stands beside them


def test_the_help_explains_each_headline() -> None:
    page = files("sonoedge.view") / "page"
    script = (page / "view.js").read_text(encoding="utf-8")
    judged = script[script.index("function judged()") : script.index("function why(")]
    headlines = set(re.findall(r'return \["\w+", "[^"]*", "([A-Z ]+)"', judged))
    assert {"FLAG", "NOT ANALYSED"} <= headlines
    explained = re.findall(r"<b>([A-Z ]+)</b>", (page / "index.html").read_text(encoding="utf-8"))
    assert headlines - PLAIN == set(explained)
