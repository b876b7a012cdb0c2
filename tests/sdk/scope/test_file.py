from __future__ import annotations

import dataclasses
import json
import re
import shutil
from pathlib import Path

import pytest

from scope_samples import TEXTURED
from sonoedge.bundle import Bundle, read_bundle
from sonoedge.errors import InvalidSettings, ScopeMismatch
from sonoedge.scope.file import read_scopes, scope_file, write_scopes
from sonoedge.scope.taught import TaughtScope
from sonoedge.trust.policy import TrustPolicy


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return read_bundle(shutil.copytree(TEXTURED, tmp_path / "bundle"), trust=TrustPolicy())


def scope(name: str = "bone", length: int = 4) -> TaughtScope:
    return TaughtScope(
        name=name,
        prototype=(0.9,) + (0.1,) * (length - 1),
        in_scope_mean=(0.1,) + (0.5,) * (length - 1),
        threshold=0.25,
        frames=10,
        taught_stopped=10,
        in_scope_frames=40,
        false_stops=0,
        variant="onnxruntime-fp32",
        created="2026-01-01T00:00:00+00:00",
    )


def edit(bundle: Bundle, old: str, new: str) -> None:
    text = scope_file(bundle).read_text()
    assert old in text
    scope_file(bundle).write_text(text.replace(old, new))


def test_nothing_is_taught_where_nothing_was_written(bundle: Bundle) -> None:
    assert read_scopes(bundle) is None


def test_what_is_written_is_read(bundle: Bundle) -> None:
    written = (scope(), scope("knee"))
    write_scopes(bundle, written)
    found = read_scopes(bundle)
    assert found is not None
    assert found.scopes == written
    assert scope_file(bundle) == bundle.folder.with_name("bundle.provision") / "scope.json"
    write_scopes(bundle, ())
    assert read_scopes(bundle) is None


def test_a_link_to_the_bundle_finds_the_same_file(bundle: Bundle, tmp_path: Path) -> None:
    write_scopes(bundle, (scope(),))
    (tmp_path / "current").symlink_to(bundle.folder)
    assert read_scopes(read_bundle(tmp_path / "current", trust=TrustPolicy())) is not None


@pytest.mark.req("R79")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"threshold": 0.25', '"threshold": 0.95'),
        ('"name": "bone"', '"name": "skin"'),
        ('"false_stops": 0', '"false_stops": 0, "x": 1'),
        ('"schema_version": 1', '"schema_version": 2'),
        ("{", ""),
    ],
)
def test_an_edited_file_is_refused(bundle: Bundle, old: str, new: str) -> None:
    write_scopes(bundle, (scope(),))
    edit(bundle, old, new)
    command = f"sonoedge teach-scope {bundle.folder} --remove-all"
    with pytest.raises(ScopeMismatch, match=re.escape(command)):
        read_scopes(bundle)


@pytest.mark.req("R79")
def test_what_was_taught_for_another_bundle_is_refused(bundle: Bundle) -> None:
    write_scopes(dataclasses.replace(bundle, manifest_sha256="0" * 64), (scope(),))
    with pytest.raises(ScopeMismatch, match="taught for another bundle"):
        read_scopes(bundle)


def test_an_embedding_of_another_length_is_refused(bundle: Bundle) -> None:
    write_scopes(bundle, (scope(length=6),))
    with pytest.raises(ScopeMismatch, match="has 6 components, the bundle's embedding 4"):
        read_scopes(bundle)


def test_a_device_with_a_key_takes_its_own_file_alone(bundle: Bundle, tmp_path: Path) -> None:
    own = dataclasses.replace(bundle, device_key=tmp_path / "a.key")
    write_scopes(own, (scope(),))
    assert read_scopes(own) is not None
    assert read_scopes(bundle) is not None  # a device without a key cannot tell
    document = json.loads(scope_file(bundle).read_text())
    write_scopes(bundle, (scope(),))
    with pytest.raises(ScopeMismatch, match="not written by this device, which has no key"):
        read_scopes(dataclasses.replace(bundle, device_key=tmp_path / "b.key"))
    with pytest.raises(ScopeMismatch, match="not written by this device"):
        read_scopes(own)
    scope_file(bundle).write_text(json.dumps(document | {"mac": "0" * 64}))
    with pytest.raises(ScopeMismatch, match="not written by this device"):
        read_scopes(own)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "a b"},
        {"threshold": 2.5},
        {"threshold": float("nan")},
        {"prototype": (0.1, 0.2)},
        {"prototype": (0.1, 0.5, 0.5, 0.5)},
        {"prototype": (0.1, float("inf"), 0.5, 0.5)},
    ],
)
def test_values_that_no_teaching_gives_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidSettings):
        dataclasses.replace(scope(), **changes)
