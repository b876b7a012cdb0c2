"""docs/explanation/failures.md: its tokens exist, and so do the tests that it names."""

from __future__ import annotations

import re
from pathlib import Path

from sonoedge import errors
from sonoedge.analysis import Reason
from sonoedge.session import State, StateReason


def rows(repository: Path) -> list[list[str]]:
    text = (repository / "docs/explanation/failures.md").read_text()
    table = re.findall(r"^\| (?!what happens)(.*) \|$", text, re.MULTILINE)
    return [[cell.strip() for cell in re.split(r"\|", row)] for row in table]


def test_every_row_has_tokens_that_exist(repository: Path) -> None:
    raised = {e.token for e in vars(errors).values() if hasattr(e, "token")}
    header = (repository / "sdk/c/sonoedge.h").read_text()
    of_c = set(re.findall(r"SONOEDGE_ERROR_[A-Z_]+", header)) | {"NOT_CONNECTED", "SERVICE_SILENT"}
    known = {reason.value for reason in StateReason} | raised | of_c
    made = rows(repository)
    assert len(made) >= 31
    for what, state, frame, _ in made:
        assert set(re.findall(r"`([A-Z_]+)`", state)) <= known, what
        assert set(re.findall(r"`([A-Z_]+)`", frame)) <= {r.value for r in Reason}, what
        named = set(re.findall(r"(?<![`A-Z_])[A-Z]{4,}(?![`A-Z_])", state))
        assert named <= {s.value for s in State}, what


def test_every_row_is_shown_by_a_test_that_is_there(repository: Path) -> None:
    for what, _, _, shown in rows(repository):
        path, name = shown.strip("`").split("::")
        assert f"def {name}(" in (repository / path).read_text(), what
