from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sonoedge.errors import GoldenMismatch, StoreError
from sonoedge.settings import plain
from sonoedge.store.layout import Layout, make_layout
from sonoedge.store.state import EMPTY, because, read_state, state_schema, write_state

A, B = "a" * 64, "b" * 64
FULL = dataclasses.replace(
    EMPTY,
    seq=4,
    active=A,
    previous=B,
    trial=A,
    tries={A: 2},
    blocked=("c" * 64,),
    last_fall_back=because("d" * 64, GoldenMismatch("off by 3\x1b[31m")),
)


@pytest.fixture
def layout(root: Path) -> Layout:
    return make_layout(root)


def test_what_was_written_is_read_and_counted(layout: Layout) -> None:
    assert read_state(layout) == EMPTY
    written = write_state(layout, FULL, tries={})
    assert read_state(layout) == written
    assert (written.seq, written.tries) == (5, {})


def test_the_file_follows_its_schema(layout: Layout) -> None:
    write_state(layout, FULL)
    data = json.loads(layout.state.read_text())
    jsonschema.Draft202012Validator(state_schema()).validate(data)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(state_schema()).validate(data | {"active": "current"})


def test_a_message_is_kept_without_what_a_terminal_would_act_on(layout: Layout) -> None:
    write_state(layout, FULL)
    last = read_state(layout).last_fall_back
    assert last is not None
    assert (last.token, last.why) == ("GOLDEN_MISMATCH", r"off by 3\x1b[31m")


@pytest.mark.parametrize(
    "change",
    [
        {"active": "current"},
        {"active": A[:-1] + "\n"},
        {"trial": B},
        {"previous": A},
        {"blocked": [A]},
        {"tries": {A: -1}},
        {"tries": {"x": 1}},
        {"seq": -1},
        {"seq": 1.5},
        {"extra": 1},
        {"schema_version": True},
        {"schema_version": 0},
        {"last_fall_back": {"sha256": B, "token": "T", "why": "\x1b"}},
    ],
    ids=str,
)
def test_a_state_that_cannot_be_is_damaged_not_believed(
    layout: Layout, change: dict[str, Any]
) -> None:
    layout.state.write_text(json.dumps(plain(FULL) | change))
    with pytest.raises(StoreError, match="state is damaged"):
        read_state(layout)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b"{" * 100, b" " * (1 << 17)])
def test_a_cut_or_strange_file_is_damaged(layout: Layout, data: bytes) -> None:
    layout.state.write_bytes(data)
    with pytest.raises(StoreError, match="state is damaged"):
        read_state(layout)


def test_a_newer_state_is_not_read_and_says_so(layout: Layout) -> None:
    layout.state.write_text(json.dumps({"schema_version": 2, "slots": []}))
    with pytest.raises(StoreError, match="newer sonoedge"):
        read_state(layout)


def test_a_state_that_cannot_be_written_leaves_the_old_one(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = write_state(layout, FULL)

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StoreError, match="No space left"):
        write_state(layout, before, active=B, previous=None, trial=None)
    assert read_state(layout) == before
