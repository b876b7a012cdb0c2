"""The packages that took part in an export, as parts of a bill of materials."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution

from sonoedge.sbom.component import Component, pypi_purl
from sonoedge.sbom.distributions import authors_of, licence_of


def tool_components(versions: Mapping[str, str]) -> tuple[Component, ...]:
    """One component for each, by name.

    Licence and author are those of the package that is installed, where it is the very version.

    Args:
        versions: by package, as the manifest's lineage keeps them.
    """
    return tuple(_tool(name, version) for name, version in sorted(versions.items()))


def _tool(name: str, version: str) -> Component:
    licence = supplier = None
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        pass
    else:
        if installed.version == version:
            licence, supplier = licence_of(installed.metadata), authors_of(installed.metadata)
    return Component(
        kind="application" if name == "sonoedge" else "library",
        ref=f"tool:{name}",
        name=name,
        version=version,
        supplier=supplier,
        licence=licence,
        purl=pypi_purl(name, version),
    )
