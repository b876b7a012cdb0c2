from __future__ import annotations

from collections.abc import Callable

from sonoedge.analysis import Reason
from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.sections.texts import messages

from .documents import table, texts


def test_every_reason_stands_with_its_cause_and_what_to_do(read: Callable[..., Inputs]) -> None:
    section = messages(read())
    rows = texts(table(section, "reasons-of-a-frame").rows)
    assert {row[0] for row in rows} == {reason.value for reason in Reason}
    assert all(all(row) for row in rows)
    assert [t.title for t in section.tables] == [
        "Errors",
        "Reasons of a frame",
        "States of a session",
        "Reasons of a session",
    ]
