"""The bill of materials that a bundle carries."""

from __future__ import annotations

from typing import Any, Final

from sonoedge.bundle import Bundle
from sonoedge.bundle.names import check_text
from sonoedge.errors import InvalidSettings, SbomNotFound, UnsafeContent
from sonoedge.sbom.component import Component
from sonoedge.strict_json import parse_json

FILE: Final = "sbom.cdx.json"
MOST_BYTES: Final = 1 << 24


def read_sbom(bundle: Bundle) -> bytes:
    """sbom.cdx.json's bytes, their digest checked, so that they are signed where the bundle is.

    Raises:
        SbomNotFound: the bundle is older than these files.
        DigestMismatch, UnsafeContent: it is damaged, or no CycloneDX document that may be shown.
    """
    if FILE not in bundle.manifest.files:
        raise SbomNotFound(
            f"the bundle has no {FILE}: the sonoedge that wrote it made none; export it again "
            "(sonoedge export RECIPE --out BUNDLE)"
        )
    data = bundle.read(FILE)
    _parsed(data)
    return data


def bundle_component(bundle: Bundle) -> Component:
    """The bundle as a part of the device that it was opened on.

    Raises:
        DigestMismatch, UnsafeContent: as `read_sbom`.
    """
    manifest = bundle.manifest
    if FILE in manifest.files:
        sbom = str(_parsed(bundle.read(FILE)).get("serialNumber"))
    else:
        sbom = "the bundle has none"
    card = manifest.card
    return Component(
        kind="machine-learning-model",
        ref="bundle",
        name=manifest.name,
        version=manifest.version,
        supplier=None if card is None else card.supplier,
        description=manifest.intended_use,
        properties={
            "sonoedge:bundle_id": manifest.bundle_id,
            "sonoedge:manifest_sha256": bundle.manifest_sha256,
            "sonoedge:vouched_by": sorted(key.id for key in bundle.vouched.keys) or "nobody",
            "sonoedge:sbom": sbom,
        },
    )


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        document = parse_json(data, FILE, most_bytes=MOST_BYTES)
        check_text(document, FILE)
    except InvalidSettings as error:
        raise UnsafeContent(f"{error}; export the bundle again") from None
    if not isinstance(document, dict) or document.get("bomFormat") != "CycloneDX":
        raise UnsafeContent(f"{FILE} is no CycloneDX document; export the bundle again")
    return document
