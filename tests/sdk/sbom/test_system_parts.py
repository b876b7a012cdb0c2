from __future__ import annotations

import platform
from pathlib import Path

from sonoedge.sbom.owners import MappedLibrary, PythonItself, SystemItself
from sonoedge.sbom.soup import Soup
from sonoedge.sbom.system import OperatingSystem, SystemPackage
from sonoedge.sbom.system_parts import system_parts

SYSTEM = OperatingSystem(id="debian", name="Debian", version="12", kernel="6.1")
ZLIB = SystemPackage(name="zlib1g", version="1", architecture="arm64")


def library(path: str, owner: SystemPackage | PythonItself | SystemItself) -> MappedLibrary:
    return MappedLibrary(path=Path(path), sha256="0" * 64, owner=owner)


def test_a_package_holds_its_libraries_and_is_named_by_its_url() -> None:
    libraries = [library("/usr/lib/libz.so.1", ZLIB), library("/usr/lib/liby.so", ZLIB)]
    (package, *_) = system_parts(libraries, SYSTEM, Soup())
    assert package.purl == "pkg:deb/debian/zlib1g@1?arch=arm64"
    assert [part.name for part in package.parts] == ["/usr/lib/libz.so.1", "/usr/lib/liby.so"]
    assert package.supplier == "Debian"


def test_python_and_the_system_are_there_without_a_library() -> None:
    python, system = system_parts([], SYSTEM, Soup())
    assert (python.version, python.parts) == (platform.python_version(), ())
    assert (system.name, system.version) == ("Debian", "12")
    assert system.properties["sonoedge:kernel"] == "6.1"


def test_a_system_without_a_name_is_unknown() -> None:
    nameless = OperatingSystem(id=None, name=None, version=None, kernel="6.1")
    owned = [library("/lib/libm.so", SystemItself())]
    system = system_parts(owned, nameless, Soup())[-1]
    assert system.name == "unknown"
    assert [part.name for part in system.parts] == ["/lib/libm.so"]
