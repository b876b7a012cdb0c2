"""Rollover, with python-tuf's reading of the same rules as the oracle."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Any

import pytest

from sonoedge.errors import RollbackRefused, SignatureInvalid, TrustError
from sonoedge.trust.keyring import KIND
from sonoedge.trust.rollover import first_keyring, follow, next_keyring
from sonoedge.trust.signing import FileSigner

CHAINS = 1000

Sealed = Callable[..., bytes]
Row = Callable[..., dict[str, Any]]
Signers = Callable[[str], FileSigner]
Sign = Callable[[str, bytes, Sequence[str]], bytes]


def test_a_device_that_was_off_follows_the_chain(sealed_keyring: Sealed, row: Row) -> None:
    first = first_keyring(sealed_keyring(["root-a"]), "v1")
    second = sealed_keyring(["root-a", "root-b"], version=2, root=[row("root-b")])
    third = sealed_keyring(["root-b"], version=3, root=[row("root-b")], floors={"breast": 7})
    assert follow(first, [("v2", second), ("v3", third)]).floors == {"breast": 7}


def test_a_first_keyring_that_its_own_keys_did_not_sign_is_refused(
    sealed_keyring: Sealed,
) -> None:
    with pytest.raises(SignatureInvalid, match="0 of its own root keys"):
        first_keyring(sealed_keyring(["stranger"]), "v1")


@pytest.mark.parametrize(
    ("names", "whose"), [(["root-a"], "its own"), (["root-b"], "the current"), ([], "signatures")]
)
def test_old_and_new_root_keys_must_both_sign(
    sealed_keyring: Sealed, row: Row, names: list[str], whose: str
) -> None:
    first = first_keyring(sealed_keyring(["root-a"]), "v1")
    with pytest.raises(SignatureInvalid, match=whose):
        next_keyring(first, sealed_keyring(names, version=2, root=[row("root-b")]), "v2")


@pytest.mark.parametrize("version", [1, 3, 2**31 - 1])
def test_only_the_next_version_follows(sealed_keyring: Sealed, version: int) -> None:
    first = first_keyring(sealed_keyring(["root-a"]), "v1")
    with pytest.raises(RollbackRefused, match="only version 2"):
        next_keyring(first, sealed_keyring(["root-a"], version=version), "next")


def test_a_revoked_root_key_signs_no_keyring(sealed_keyring: Sealed, row: Row) -> None:
    rows = [row("root-a"), row("root-b")]
    first = first_keyring(sealed_keyring(["root-b"], root=rows, revoked=[rows[0]["keyid"]]), "v1")
    with pytest.raises(SignatureInvalid, match="the current"):
        next_keyring(first, sealed_keyring(["root-a"], version=2, root=rows), "v2")


def test_a_manifest_is_never_read_as_a_keyring(signed: Sign, sealed_keyring: Sealed) -> None:
    import base64

    payload = base64.b64decode(json.loads(sealed_keyring(["root-a"]))["payload"])
    with pytest.raises(SignatureInvalid, match="not as"):
        first_keyring(signed("application/vnd.sonoedge.manifest.v2+json", payload, ["root-a"]), "m")
    assert KIND.endswith("keyring.v1+json")


def test_python_tuf_agrees_on_random_chains(
    sealed_keyring: Sealed, row: Row, signer: Signers
) -> None:
    """Each random step is taken by both or refused by both."""
    tuf = pytest.importorskip("tuf.api.metadata")
    errors = pytest.importorskip("tuf.api.exceptions")
    signers = pytest.importorskip("securesystemslib.signer")
    names = [f"root-{i}" for i in range(4)]
    rows = {n: row(n) for n in names}
    keys = {
        n: signers.SSlibKey(rows[n]["keyid"], "ed25519", "ed25519", {"public": rows[n]["public"]})
        for n in names
    }

    def of_tuf(version: int, root: list[str], threshold: int, by: list[str]) -> Any:
        empty = tuf.Role([], 1)
        described = tuf.Root(
            version=version,
            expires=datetime(2100, 1, 1, tzinfo=timezone.utc),
            keys={rows[n]["keyid"]: keys[n] for n in root},
            roles={
                "root": tuf.Role([rows[n]["keyid"] for n in root], threshold),
                **dict.fromkeys(("timestamp", "snapshot", "targets"), empty),
            },
        )
        made = tuf.Metadata(described)
        for name in by:
            secret = signer(name)
            message = made.signed_bytes
            made.signatures[rows[name]["keyid"]] = signers.Signature(
                rows[name]["keyid"], secret._private.sign(message).hex()
            )
        return made

    def tuf_takes(old: Any, new: Any) -> bool:
        try:
            old.verify_delegate("root", new)
            new.verify_delegate("root", new)
        except (errors.UnsignedMetadataError, ValueError):
            return False
        return bool(new.signed.version == old.signed.version + 1)

    generator = random.Random(20)
    outcomes = []
    for _ in range(CHAINS):
        root, threshold, version = ["root-0"], 1, 1
        ours = first_keyring(sealed_keyring(root, root=[rows[n] for n in root]), "v1")
        theirs = of_tuf(1, root, 1, root)
        for _ in range(generator.randint(1, 3)):
            new_root = generator.sample(names, generator.randint(1, 3))
            new_threshold = generator.randint(1, len(new_root))
            new_version = version + generator.choice([1, 1, 1, 0, 2])
            by = generator.sample(names, generator.randint(1, 4))
            data = sealed_keyring(
                by,
                version=new_version,
                root=[rows[n] for n in new_root],
                root_threshold=new_threshold,
            )
            new = of_tuf(new_version, new_root, new_threshold, by)
            try:
                taken = next_keyring(ours, data, "next")
            except TrustError:
                taken = None
            assert (taken is not None) == tuf_takes(theirs, new), (root, new_root, by)
            outcomes.append(taken is not None)
            if taken is not None:
                ours, theirs, root, threshold, version = (
                    taken,
                    new,
                    new_root,
                    new_threshold,
                    new_version,
                )
    assert threshold >= 1
    assert 100 < sum(outcomes) < len(outcomes) - 100
