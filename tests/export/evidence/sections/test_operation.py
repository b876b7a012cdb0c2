from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from conformance.vectors import gathering_bundle
from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.sections.operation import operating_point

from .documents import table, texts

Read = Callable[..., Inputs]


def test_the_threshold_stands_with_who_chose_it_on_what_and_what_it_gave(read: Read) -> None:
    section = operating_point(read())
    facts = dict(texts(table(section, "point").rows))
    assert facts["flagged from suspicion"] == "0.5"
    assert facts["chosen on, as the recipe states"] == "nothing; set by hand"
    assert facts["sensitivity"] == "1.000"
    rows = texts(table(section, "sets").rows)
    assert rows == [["drawn", "8", "8", "too few", "too few"]]


def test_a_setting_that_follows_another_one_is_told_as_derived(read: Read) -> None:
    tracking: dict[str, Any] = dict(texts(table(operating_point(read()), "tracking").rows))
    assert tracking["raise_threshold"] == "derived"
    assert tracking["raise_frames"] == "5"
    assert not any(name.startswith("evidence") for name in tracking)


def test_the_settings_of_evidence_are_told_where_it_is_gathered(read: Read, tmp_path: Path) -> None:
    folder = gathering_bundle(tmp_path / "bundle")
    facts = dict(texts(table(operating_point(read(bundle=folder)), "tracking").rows))
    assert facts["evidence.raise_log_odds"] == "4"
