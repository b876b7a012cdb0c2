from __future__ import annotations

import pytest

from sonoedge.analysis import Reason
from sonoedge.errors import InvalidData, SonoedgeError
from sonoedge.session import State, StateReason
from sonoedge_export.evidence.messages import parse_messages
from sonoedge_export.evidence.project_files import project_file


def test_every_token_of_the_project_is_there_with_cause_and_remedy() -> None:
    messages = parse_messages(project_file("troubleshooting.md").read_bytes(), "t.md")
    by_kind: dict[str, set[str]] = {}
    for message in messages:
        by_kind.setdefault(message.kind, set()).add(message.token)
        assert message.cause
        assert message.remedy
        assert "](" not in message.cause + message.remedy
        assert "`" not in message.cause + message.remedy
    assert by_kind["Reasons of a frame"] == {r.value for r in Reason}
    assert by_kind["States of a session"] == {s.value for s in State}
    assert by_kind["Reasons of a session"] == {r.value for r in StateReason}
    assert SonoedgeError.token in by_kind["Errors"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# Nothing", "no token"),
        ("## Errors\n\n### `A`\n\n**Cause.** x\n", "A has no cause and remedy"),
        ("## Reasons\n\n| `A` | cause |\n", "has not a token, a cause and a remedy"),
    ],
)
def test_a_guide_that_lacks_one_is_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidData, match=why):
        parse_messages(text.encode(), "t.md")
