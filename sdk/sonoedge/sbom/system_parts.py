"""Parts of a device below its distributions: packages, drivers, Python, the system itself."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sonoedge.sbom.component import Component, Licence, normalised
from sonoedge.sbom.owners import MappedLibrary, PythonItself, SystemItself
from sonoedge.sbom.soup import Soup, SoupPart
from sonoedge.sbom.system import OperatingSystem, SystemPackage

PYTHON: Final = "python"
SYSTEM: Final = "operating-system"
MAPPED: Final = "sonoedge:mapped"
NO_ENTRY: Final = {"sonoedge:soup": "no entry in soup.toml"}
# PSF-2.0 since 2.1; https://docs.python.org/3/license.html
PYTHON_LICENCE: Final = Licence(expression="PSF-2.0")


def system_parts(
    libraries: Sequence[MappedLibrary], system: OperatingSystem, soup: Soup
) -> tuple[Component, ...]:
    """Each owner of a mapped library but the distributions; Python and the system always."""
    return (
        *_packages(libraries, system, soup),
        *_declared(libraries),
        _python(libraries, soup),
        _system(libraries, system, soup),
    )


def soup_properties(entry: SoupPart | None, version: str | None) -> Mapping[str, str]:
    """What is written of a part in this version, or that nothing is."""
    return NO_ENTRY if entry is None else entry.properties(version)


def _packages(
    libraries: Sequence[MappedLibrary], system: OperatingSystem, soup: Soup
) -> Iterator[Component]:
    """Packages of the operating system of which a library runs."""
    packages = {m.owner for m in libraries if isinstance(m.owner, SystemPackage)}
    for package in sorted(packages, key=lambda p: (p.name, p.architecture)):
        ref = f"deb:{package.name}:{package.architecture}"
        owned = [m for m in libraries if m.owner == package]
        entry = soup.find("system", package.name)
        yield Component(
            kind="library",
            ref=ref,
            name=package.name,
            version=package.version,
            supplier=system.name if entry is None else entry.manufacturer,
            purl=package.purl(system.id or "debian"),
            properties=soup_properties(entry, package.version),
            parts=_files(ref, owned),
        )


def _declared(libraries: Sequence[MappedLibrary]) -> Iterator[Component]:
    """Parts that only our own list, or the user's, names: a driver, for instance."""
    parts = [m.owner for m in libraries if isinstance(m.owner, SoupPart)]
    for part in dict.fromkeys(parts):
        ref = f"declared:{normalised(part.name)}"
        owned = [m for m in libraries if m.owner == part]
        yield Component(
            kind="library",
            ref=ref,
            name=part.name,
            supplier=part.manufacturer,
            properties=part.properties(None),
            parts=_files(ref, owned),
        )


def _python(libraries: Sequence[MappedLibrary], soup: Soup) -> Component:
    owned = [m for m in libraries if isinstance(m.owner, PythonItself)]
    version = platform.python_version()
    series = ".".join(platform.python_version_tuple()[:2])  # its releases only mend
    entry = soup.find("system", PYTHON)
    return Component(
        kind="platform",
        ref=PYTHON,
        name=sys.implementation.name,
        version=version,
        supplier=None if entry is None else entry.manufacturer,
        licence=PYTHON_LICENCE if sys.implementation.name == "cpython" else None,
        properties=soup_properties(entry, series),
        parts=_files(PYTHON, owned),
    )


def _system(libraries: Sequence[MappedLibrary], system: OperatingSystem, soup: Soup) -> Component:
    owned = [m for m in libraries if isinstance(m.owner, SystemItself)]
    entry = None if system.id is None else soup.find("system", system.id)
    return Component(
        kind="operating-system",
        ref=SYSTEM,
        name=system.name or "unknown",
        version=system.version,
        supplier=system.name,
        properties={
            "sonoedge:kernel": system.kernel,
            **soup_properties(entry, system.version),
        },
        parts=_files(SYSTEM, owned),
    )


def _files(owner: str, libraries: Sequence[MappedLibrary]) -> tuple[Component, ...]:
    return tuple(
        Component(
            kind="file",
            ref=f"{owner}/file/{number}",
            name=str(library.path),
            sha256=library.sha256,
            properties={MAPPED: "yes"},
        )
        for number, library in enumerate(libraries)
    )
