"""The bill of materials of a device: what is installed, what is within it, and what runs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sonoedge.sbom.component import Component, Licence, pypi_purl, without_version
from sonoedge.sbom.distributions import Distribution
from sonoedge.sbom.document import SbomDocument, SpecVersion
from sonoedge.sbom.grafted import Grafted, grafted
from sonoedge.sbom.owners import MappedLibrary
from sonoedge.sbom.soup import Soup
from sonoedge.sbom.system import OperatingSystem
from sonoedge.sbom.system_parts import MAPPED, PYTHON, SYSTEM, soup_properties, system_parts
from sonoedge.sbom.vulnerabilities import vulnerabilities

MAIN: Final = "sonoedge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What was found on a device.

    Attributes:
        opened: what was opened before the libraries were looked at, in words.
        model: the bundle that was opened; None without one.
    """

    distributions: Sequence[Distribution]
    libraries: Sequence[MappedLibrary]
    system: OperatingSystem
    soup: Soup
    opened: str
    model: Component | None = None


def device_sbom(device: Device, created: str, spec_version: SpecVersion = "1.6") -> str:
    """The document's text.

    Args:
        created: ISO 8601, by the device's clock.
    """
    within = {d.name: grafted(d.name, d.sboms) for d in device.distributions}
    required = _required(device.distributions)
    components = [
        *([device.model] if device.model is not None else []),
        *(
            _distribution(each, within[each.name], device, needed=each.name in required)
            for each in device.distributions
            if each.name != MAIN
        ),
        *system_parts(device.libraries, device.system, device.soup),
    ]
    refs = {d.name: _ref(d) for d in device.distributions}
    document = SbomDocument(
        spec_version=spec_version,
        name="device",
        created=created,
        phase="operations",
        main=_main(device),
        components=components,
        dependencies=_dependencies(device.distributions, refs),
        compositions={
            "unknown": [
                refs[d.name]
                for d in device.distributions
                if d.native and d.name != MAIN and not within[d.name].components
            ]
        },
        vulnerabilities=vulnerabilities(device.soup, components),
        properties={
            "sonoedge:opened": device.opened,
            "sonoedge:mapped_libraries": str(len(device.libraries)),
        },
    )
    return document.text(hashlib.sha256(document.text("").encode()).hexdigest())


def _main(device: Device) -> Component:
    from sonoedge import __version__

    own = next((d for d in device.distributions if d.name == MAIN), None)
    return Component(
        kind="application",
        ref=MAIN,
        name=MAIN,
        version=__version__,
        licence=Licence(expression="Apache-2.0") if own is None else own.licence,
        purl=pypi_purl(MAIN, __version__),
        parts=() if own is None else _files(own, device),
    )


def _ref(distribution: Distribution) -> str:
    return MAIN if distribution.name == MAIN else f"pypi:{distribution.name}"


def _distribution(
    each: Distribution, within: Grafted, device: Device, *, needed: bool
) -> Component:
    entry = device.soup.find("pypi", each.name)
    properties: dict[str, str | Sequence[str]] = dict(soup_properties(entry, each.version))
    if each.record_sha256 is not None:
        properties["sonoedge:record_sha256"] = each.record_sha256
    if within.unreadable:
        properties["sonoedge:sbom_unreadable"] = within.unreadable
    return Component(
        kind="library",
        ref=_ref(each),
        name=each.name,
        version=each.version,
        supplier=each.author if entry is None else entry.manufacturer,
        licence=each.licence,
        purl=pypi_purl(each.name, each.version),
        scope="required" if needed else "optional",
        properties=properties,
        parts=(
            *(_native(part, device.soup) for part in within.components),
            *_files(each, device),
        ),
    )


def _files(each: Distribution, device: Device) -> tuple[Component, ...]:
    """A distribution's libraries, each with its digest, and whether it runs."""
    mapped = {m.path: m.sha256 for m in device.libraries if m.owner is each}
    return tuple(
        Component(
            kind="file",
            ref=f"{_ref(each)}/file/{number}",
            name=file.name,
            sha256=mapped.get(file.path, file.sha256),
            properties={MAPPED: "yes" if file.path in mapped else "no"},
        )
        for number, file in enumerate(each.native)
    )


def _native(part: Component, soup: Soup) -> Component:
    """A part that a distribution names, with what is written of it."""
    entry = soup.find("native", without_version(part.purl) or part.name)
    supplier = part.supplier if entry is None else entry.manufacturer
    properties = {**part.properties, **soup_properties(entry, part.version)}
    return replace(part, supplier=supplier, properties=properties)


def _required(distributions: Sequence[Distribution]) -> set[str]:
    """What sonoedge needs, directly or not; its extras are told apart by no metadata here."""
    needs: dict[str, tuple[str, ...]] = {d.name: d.needs for d in distributions}
    required, waiting = set[str](), [MAIN]
    while waiting:
        name = waiting.pop()
        if name in needs and name not in required:
            required.add(name)
            waiting += needs[name]
    return required


def _dependencies(
    distributions: Sequence[Distribution], refs: Mapping[str, str]
) -> dict[str, list[str]]:
    edges = {
        _ref(each): [refs[name] for name in each.needs if name in refs] for each in distributions
    }
    return edges | {MAIN: [*edges.get(MAIN, []), PYTHON], PYTHON: [SYSTEM]}
