"""Whose each mapped library is; what nobody owns, or was changed, is refused."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from sonoedge.errors import UnlistedLibrary
from sonoedge.file_sha256 import file_sha256
from sonoedge.sbom.distributions import Distribution, NativeFile
from sonoedge.sbom.mapped import MappedFiles
from sonoedge.sbom.soup import Soup, SoupPart
from sonoedge.sbom.system import DPKG, SystemPackage, owning_packages

SYSTEM_FOLDERS: Final = ("/lib/", "/lib32/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/opt/")
_MOST_NAMED: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonItself:
    """The interpreter and its standard library."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemItself:
    """The operating system, where it keeps no database of Debian packages."""


Owner: TypeAlias = Distribution | SystemPackage | SoupPart | PythonItself | SystemItself


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedLibrary:
    """A library that runs, with its digest as it lies on the disk now."""

    path: Path
    sha256: str
    owner: Owner


def find_owners(
    mapped: MappedFiles,
    distributions: Sequence[Distribution],
    soup: Soup,
    database: Path = DPKG,
) -> tuple[MappedLibrary, ...]:
    """The owner of each mapped library.

    Args:
        database: dpkg's folder.

    Raises:
        UnlistedLibrary: some have none, cannot be read, were changed since their distribution
            was installed, or were replaced since they were loaded; the message names them.
    """
    native = {file.path: (each, file) for each in distributions for file in each.native}
    packages = owning_packages((p for p in mapped.paths if p not in native), database)
    has_database = (database / "status").is_file()
    libraries: list[MappedLibrary] = []
    problems = [f"{path} was replaced or removed since it was loaded" for path in mapped.removed]
    for path in mapped.paths:
        owner = _owner(path, native, packages, soup, has_database=has_database)
        if owner is None:
            problems.append(f"{path} belongs to no part that is known here")
            continue
        try:
            sha256 = file_sha256(path)
        except OSError as error:
            problems.append(f"{path} cannot be read: {error.strerror}")
            continue
        recorded = native[path][1].sha256 if path in native else None
        if recorded not in (None, sha256):
            problems.append(f"{path} was changed since its distribution was installed")
        libraries.append(MappedLibrary(path=path, sha256=sha256, owner=owner))
    if problems:
        raise UnlistedLibrary(_message(problems))
    return tuple(libraries)


def _owner(
    path: Path,
    native: Mapping[Path, tuple[Distribution, NativeFile]],
    packages: Mapping[Path, SystemPackage],
    soup: Soup,
    *,
    has_database: bool,
) -> Owner | None:
    if path in native:
        return native[path][0]
    if path in packages:
        return packages[path]
    if _is_pythons(path):
        return PythonItself()
    if not str(path).startswith(SYSTEM_FOLDERS):
        return None
    part = soup.of_file(path.name)
    if part is not None:
        return part
    return None if has_database else SystemItself()


def _is_pythons(path: Path) -> bool:
    """The interpreter, its library, and what lies in its standard library's own folders."""
    if path == Path(sys.executable).resolve():
        return True
    names = {sysconfig.get_config_var(key) for key in ("LDLIBRARY", "INSTSONAME")}
    if path.name in names and path.is_relative_to(Path(sys.base_prefix).resolve()):
        return True
    for key in ("stdlib", "platstdlib"):
        folder = Path(sysconfig.get_path(key)).resolve()
        if path.is_relative_to(folder):
            below = path.relative_to(folder).parts
            return not {"site-packages", "dist-packages"} & set(below)
    return False


def _message(problems: Sequence[str]) -> str:
    shown = "; ".join(problems[:_MOST_NAMED])
    more = len(problems) - _MOST_NAMED
    tail = f"; and {more} more" if more > 0 else ""
    return (
        f"code runs here that the list would not name: {shown}{tail}; install it from a package "
        "again, remove it, or name it in a file of your own (--soup)"
    )
