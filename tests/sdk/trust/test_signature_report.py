from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from sonoedge.trust.grant import KIND as GRANT_KIND
from sonoedge.trust.manifest_signature import KIND
from sonoedge.trust.policy import TrustPolicy
from sonoedge.trust.rollover import first_keyring
from sonoedge.trust.signature_report import MEANING, signature_report

Row = Callable[..., dict[str, Any]]
Sign = Callable[[str, bytes, Sequence[str]], bytes]
NAMES = ("a", "dev", "gone", "thyroid", "stranger")


@pytest.fixture
def policy(sealed_keyring: Callable[..., bytes], row: Row) -> TrustPolicy:
    keys = [row("a"), row("dev", role="dev"), row("gone"), row("thyroid", products=["thyroid"])]
    more = {"release": keys, "revoked": [row("gone")["keyid"]], "release_threshold": 2}
    return TrustPolicy(keyring=first_keyring(sealed_keyring(["root-a"], **more), "v1"))


def states(data: bytes, policy: TrustPolicy, row: Row, product: str | None) -> dict[str, str]:
    by_id = {row(name)["keyid"]: name for name in NAMES}
    report = signature_report(data, policy, product)
    return {by_id[s.key_id]: s.state for s in report.signatures}


def test_each_signature_is_told_by_what_it_is_to_this_device(
    policy: TrustPolicy, signed: Sign, row: Row
) -> None:
    data = signed(KIND, b"{}", NAMES)
    expected = {"a": "counts", "dev": "dev", "gone": "revoked", "stranger": "unknown"}
    assert states(data, policy, row, "breast") == expected | {"thyroid": "other product"}
    assert states(data, policy, row, None) == expected | {"thyroid": "counts"}
    report = signature_report(data, policy)
    assert (report.signed, report.keyring_version, report.threshold) == (True, 1, 2)
    assert {s.state for s in report.signatures} <= set(MEANING)


def test_a_signature_of_another_payload_or_kind_counts_for_nothing(
    policy: TrustPolicy, signed: Sign, row: Row
) -> None:
    other = json.loads(signed(KIND, b"{}", ["a"]))
    other["payload"] = json.loads(signed(KIND, b"[]", ["a"]))["payload"]
    assert states(json.dumps(other).encode(), policy, row, None) == {"a": "invalid"}
    assert states(signed(GRANT_KIND, b"{}", ["a"]), policy, row, None) == {"a": "invalid"}


def test_without_a_keyring_nothing_is_checked_and_without_an_envelope_nothing_is_signed(
    policy: TrustPolicy, signed: Sign, row: Row
) -> None:
    none = TrustPolicy()
    assert states(signed(KIND, b"{}", ["a"]), none, row, None) == {"a": "unchecked"}
    report = signature_report(None, none)
    assert (report.signed, report.threshold, report.signatures) == (False, None, ())
    report = signature_report(b"{", policy)
    assert (report.signed, report.signatures) == (True, ())
