"""sbom.cdx.json: what a bundle consists of, what it was made with, and its model card."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from sonoedge.bundle import Manifest
from sonoedge.sbom.component import NO_LICENCE_KNOWN, UNKNOWN, Component, Licence
from sonoedge.sbom.document import SbomDocument, SpecVersion
from sonoedge_export.card.cyclonedx import cyclonedx_card
from sonoedge_export.card.model_card import ModelCard, model_card
from sonoedge_export.card.verification import Verification
from sonoedge_export.sbom.formulation import formulation
from sonoedge_export.sbom.licence import stated_licence
from sonoedge_export.sbom.schema import check_schema

MODEL: Final = "model"


def bundle_sbom(
    manifest: Manifest, verification: Verification, spec_version: SpecVersion = "1.6"
) -> str:
    """The text of sbom.cdx.json; the same values give the same bytes.

    The manifest names this file by its digest, so that this file cannot hold the manifest's own
    id: its serial number is made from the id that the manifest has without it.

    Args:
        manifest: with all files but this one.

    Raises:
        InvalidData: it would not be valid CycloneDX.
    """
    bundle_id = json.loads(manifest.to_json())["bundle_id"]
    card = model_card(manifest, verification)
    files = tuple(_files(manifest, card))
    main = Component(
        kind="machine-learning-model",
        ref=MODEL,
        name=manifest.name,
        version=manifest.version,
        supplier=card.stated.supplier,
        licence=stated_licence(card.stated.weights_licence),
        description=manifest.intended_use,
        model_card=cyclonedx_card(card),
        properties={
            "sonoedge:bundle_id_without_this_file": bundle_id,
            "sonoedge:security_version": str(manifest.security_version),
        },
    )
    data = [
        each["bom-ref"]
        for each in main.model_card["modelParameters"]["datasets"]  # type: ignore[index]
    ]
    refs = [file.ref for file in files]
    document = SbomDocument(
        spec_version=spec_version,
        name="bundle",
        created=manifest.created,
        phase="build",
        main=main,
        supplier=card.stated.supplier,
        components=files,
        dependencies={MODEL: refs, **dict.fromkeys(refs, ())},
        formulation=[formulation(manifest, card, data, refs)],
        properties={
            "sonoedge:not_listed": "manifest.json, its signature and this file: they list, sign "
            "and describe all others"
        },
    )
    text = document.text(bundle_id)
    check_schema(text, spec_version)
    return text


def _files(manifest: Manifest, card: ModelCard) -> Iterator[Component]:
    """Every file of the manifest, with its licence where one was stated."""
    weights = stated_licence(card.stated.weights_licence)
    models = {path: v.id for v in manifest.variants for path in v.model_files}
    for path, digest in sorted(manifest.files.items()):
        licence: Licence | None = None
        if path in models or path.startswith(("graphs/", "heads/")):
            licence = weights or NO_LICENCE_KNOWN
        elif path in manifest.golden.frames:
            licence = _golden_licence(card)
        yield Component(
            kind="file",
            ref=f"file:{path}",
            name=path,
            licence=licence,
            sha256=digest.sha256,
            properties={
                "sonoedge:bytes": str(digest.bytes),
                "sonoedge:role": _role(manifest, path),
            },
        )


def _golden_licence(card: ModelCard) -> Licence:
    """That of the frames that golden ones were chosen from; more than one is told as names."""
    stated = sorted({each.licence or UNKNOWN for each in card.judged_on})
    one = stated_licence(stated[0]) if len(stated) == 1 else None
    return one or Licence(names=tuple(stated or (UNKNOWN,)))


def _role(manifest: Manifest, path: str) -> str:
    users = [v.id for v in manifest.variants if path in v.model_files]
    if users:
        return f"model of {', '.join(users)}"
    for head in manifest.heads:
        if path == head.model:
            return f"second opinion {head.name}"
        if path == head.golden:
            return f"golden answers of second opinion {head.name}"
    if path in manifest.golden.frames:
        return "golden frame"
    for variant in manifest.variants:
        if path in (variant.golden, variant.golden_regions):
            return f"golden answers of {variant.id}"
    return "report" if path.endswith(".json") else "graph"
