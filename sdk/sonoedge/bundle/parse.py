"""From the bytes of manifest.json to a `Manifest` that may be relied on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Final

from sonoedge.bundle.gates import Gates
from sonoedge.bundle.identity import DIGITS, is_id_of
from sonoedge.bundle.manifest import SCHEMA_VERSION, Manifest
from sonoedge.bundle.names import check_text
from sonoedge.bundle.rules import check_manifest
from sonoedge.errors import InvalidManifest, InvalidSettings
from sonoedge.settings import read
from sonoedge.strict_json import object_of_version, parse_json

MOST_BYTES: Final = 1 << 20


def parse(text: bytes) -> Manifest:
    """Read manifest.json.

    Raises:
        InvalidManifest: it is no JSON, of another schema version, breaks a rule, or was changed
            after it was written.
    """
    try:
        data = parse_json(text, "manifest.json", most_bytes=MOST_BYTES)
    except InvalidSettings as error:
        raise InvalidManifest(f"{error}; copy the bundle again") from None
    try:
        data = object_of_version(data, "manifest.json", SCHEMA_VERSION)
    except InvalidSettings as error:
        raise InvalidManifest(
            f"{error}; export the bundle again (sonoedge export RECIPE --out BUNDLE), or install "
            "the sonoedge that wrote it"
        ) from None
    try:
        check_text(data, "the manifest")
        if isinstance(spec := data.get("preprocess"), dict):
            spec.setdefault("interpolation", "area")  # younger than schema 2
        manifest = read(Manifest, data)
        _check_gates(data["gates"])
        check_manifest(manifest)
    except InvalidSettings as error:
        raise InvalidManifest(f"manifest.json: {error}; copy or export the bundle again") from None
    prefix = f"{manifest.name}-{manifest.version}-"
    if manifest.bundle_id[:-DIGITS] != prefix or not is_id_of(manifest.bundle_id, text):
        raise InvalidManifest(
            "manifest.json was changed after it was written: its bundle_id "
            f"{manifest.bundle_id[:80]!r} is not the one of its contents; copy or export the "
            "bundle again"
        )
    return manifest


def _check_gates(data: Mapping[str, object]) -> None:
    """Every limit must be there: the recipe's defaults are no measure of a finished bundle."""
    missing = [f.name for f in fields(Gates) if f.name not in data]
    if missing:
        raise InvalidSettings(f"gates.{missing[0]} is missing")
