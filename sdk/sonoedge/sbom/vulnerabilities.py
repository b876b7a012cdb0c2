"""What published vulnerabilities mean here: CycloneDX's `vulnerabilities`, used as VEX."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sonoedge.sbom.component import Component, without_version
from sonoedge.sbom.soup import Soup, Vulnerability


def vulnerabilities(soup: Soup, components: Sequence[Component]) -> list[dict[str, Any]]:
    """One entry for each that a part listed here has, by the parts' refs.

    A judgement holds for the versions that it was made for; of a part in another version it is
    told as not yet judged.
    """
    parts = list(_all(components))
    entries = []
    for known in soup.vulnerabilities:
        named = [p for p in parts if without_version(p.purl) == known.part]
        judged = [p for p in named if p.version in known.versions]
        others = [p for p in named if p.version not in known.versions]
        if judged:
            entries.append(_entry(known, judged, _judgement(known)))
        if others:
            versions = ", ".join(sorted({p.version or "unknown" for p in others}))
            detail = (
                f"Judged for {known.part} {', '.join(known.versions)} alone; here is {versions}."
            )
            entries.append(_entry(known, others, {"state": "in_triage", "detail": detail}))
    return entries


def _entry(
    known: Vulnerability, parts: Sequence[Component], analysis: dict[str, Any]
) -> dict[str, Any]:
    return {
        "bom-ref": f"vulnerability:{known.id}:{known.part}:{analysis['state']}",
        "id": known.id,
        "source": {"name": known.source},
        "analysis": analysis,
        "affects": [{"ref": part.ref} for part in parts],
    }


def _judgement(known: Vulnerability) -> dict[str, Any]:
    justification = {} if known.justification is None else {"justification": known.justification}
    detail = f"{known.detail} Judged {known.judged}."
    response = {"response": list(known.response)} if known.response else {}
    return {"state": known.state, **justification, **response, "detail": detail}


def _all(components: Sequence[Component]) -> Iterator[Component]:
    for component in components:
        yield component
        yield from _all(component.parts)
