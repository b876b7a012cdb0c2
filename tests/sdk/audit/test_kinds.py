from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest

from sonoedge.audit import KINDS
from sonoedge.audit.kinds import MEANING, as_token, check_record
from sonoedge.errors import InvalidSettings

VALID: dict[str, Any] = {
    "count": 7,
    "number": 0.5,
    "truth": True,
    "token": "ENGINE_HUNG",
    "digest": "0f" * 32,
}
# What is no value of any type: text, and what could carry some.
NEVER = (
    "Doe^Jane",
    "Jane Doe",
    "/home/jane/scan.dcm",
    "scan.dcm\n",
    "",
    "ä",
    "\u0661",  # a digit, and not an ASCII one
    "x" * 81,
    b"token",
    None,
    ["token"],
    {"a": 1},
    math.nan,
    math.inf,
    -1,
    1 << 63,
    10**5000,
)
WRONG = {
    "count": (True, 1.0, "7"),
    "number": (1, True, "0.5"),
    "truth": (0, 1, "true"),
    "token": (1, 0.5, True),
    "digest": ("0F" * 32, "0" * 63, "g" * 64, 1),
}


def values(kind: str) -> dict[str, Any]:
    return {key: VALID[of] for key, of in KINDS[kind].items()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_holds_exactly_its_keys(kind: str) -> None:
    check_record(kind, values(kind))
    for key in KINDS[kind]:
        with pytest.raises(InvalidSettings, match="exactly these keys"):
            check_record(kind, {k: v for k, v in values(kind).items() if k != key})
    with pytest.raises(InvalidSettings, match="exactly these keys"):
        check_record(kind, values(kind) | {"note": "token"})


@pytest.mark.parametrize("kind", KINDS)
def test_text_has_no_type_and_no_message_repeats_it(kind: str) -> None:
    for key, of in KINDS[kind].items():
        for value in (*NEVER, *WRONG[of]):
            with pytest.raises(InvalidSettings) as refused:
                check_record(kind, values(kind) | {key: value})
            assert str(refused.value) == f"{kind}.{key} must be {MEANING[of]}"


@pytest.mark.parametrize("kind", ["note", "", None, 1, ["flag"]])
def test_an_unknown_kind_is_refused(kind: Any) -> None:
    with pytest.raises(InvalidSettings, match="no such kind"):
        check_record(kind, {})


def test_a_name_that_is_no_token_becomes_one_that_says_nothing_of_it() -> None:
    assert as_token("dark-spots-1-693b9bf633b1") == "dark-spots-1-693b9bf633b1"
    assert (as_token("Doe^Jane"), as_token("")) == ("other", "none")


def test_the_reference_page_is_the_table(repository: Path) -> None:
    page = (repository / "docs/reference/audit.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.+) \|$", page, flags=re.MULTILINE)
    told = {
        kind: dict(re.findall(r"`(\w+)` (\w+)", keys)) for kind, keys, _ in rows if kind in KINDS
    }
    assert told == {kind: dict(keys) for kind, keys in KINDS.items()}
    types = dict(re.findall(r"^\| (\w+) \| (.*) \|$", page, flags=re.MULTILINE))
    assert {name: meaning for name, meaning in types.items() if name in MEANING} == dict(MEANING)
