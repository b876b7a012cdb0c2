"""The Python distributions of this environment, by their metadata: nothing is imported."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import importlib.metadata as metadata
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sonoedge.native import FILE
from sonoedge.sbom.component import UNKNOWN, Licence, normalised

# A native library or an extension module, whatever version stands behind its name.
_NATIVE: Final = re.compile(r"\.so(\.\d\w*)*$|\.pyd$|\.dylib$")
_REQUIREMENT: Final = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_EXTRA: Final = re.compile(r";.*\bextra\s*==")
_LONGEST_NAME: Final = 80  # characters: longer is a licence's text and not its name


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeFile:
    """A library in a distribution.

    Attributes:
        path: on this machine, all links resolved.
        name: as the distribution lists it.
        sha256: as it was installed, hexadecimal; None where RECORD has none.
    """

    path: Path
    name: str
    sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """What is installed under one name.

    Attributes:
        name: normalised (PEP 503).
        licence, author: as it declares them; None where it does not.
        needs: normalised names of what it requires, extras apart; markers are not evaluated.
        native: its libraries.
        record_sha256: of its RECORD, which holds the SHA-256 of each of its files; None where it
            has none.
        sboms: bills of materials that it carries (PEP 770).
    """

    name: str
    version: str
    licence: Licence | None
    author: str | None
    needs: tuple[str, ...]
    native: tuple[NativeFile, ...]
    record_sha256: str | None
    sboms: tuple[Path, ...]


def installed_distributions() -> tuple[Distribution, ...]:
    """Every distribution that Python finds, by name; of two with one name, the first found."""
    by_name: dict[str, Distribution] = {}
    for each in metadata.distributions():
        try:
            name = _first(each.metadata, "Name")
        except FileNotFoundError:  # importlib_metadata, where a program has loaded it, says so
            continue
        if name and normalised(name) not in by_name:
            by_name[normalised(name)] = _distribution(normalised(name), each)
    return tuple(by_name[name] for name in sorted(by_name))


def _distribution(name: str, found: metadata.Distribution) -> Distribution:
    files = found.files or ()
    requirements = found.requires or ()
    return Distribution(
        name=name,
        version=_first(found.metadata, "Version") or UNKNOWN,
        licence=licence_of(found.metadata),
        author=authors_of(found.metadata),
        needs=tuple(sorted(set(_required(requirements)))),
        native=_with_built_here(
            name, tuple(_native(file) for file in files if _NATIVE.search(file.name))
        ),
        record_sha256=_record_sha256(files),
        sboms=tuple(
            sorted(Path(str(file.locate())) for file in files if _is_sbom(file.as_posix()))
        ),
    )


def _with_built_here(name: str, native: tuple[NativeFile, ...]) -> tuple[NativeFile, ...]:
    """Ours has what `make native` compiled beside it too, which no RECORD names."""
    path = FILE.resolve()
    if name != "sonoedge" or not path.is_file() or any(file.path == path for file in native):
        return native
    return (*native, NativeFile(path=path, name=f"sonoedge/native/{FILE.name}", sha256=None))


def licence_of(fields: metadata.PackageMetadata) -> Licence | None:
    """Licence-Expression (PEP 639), or else the licence's name, or else its classifiers."""
    expression = _first(fields, "License-Expression")
    if expression:
        return Licence(expression=expression)
    name = (_first(fields, "License") or "").strip()
    if name and "\n" not in name and len(name) <= _LONGEST_NAME and name.upper() != "UNKNOWN":
        return Licence(names=(name,))
    classifiers = [c for c in fields.get_all("Classifier") or () if c.startswith("License ::")]
    names = tuple(dict.fromkeys(c.rpartition("::")[2].strip() for c in classifiers))
    return Licence(names=names) if names else None


def authors_of(fields: metadata.PackageMetadata) -> str | None:
    """Author or maintainer, addresses left out where there is a name beside them."""
    for key in ("Author", "Maintainer", "Author-email", "Maintainer-email"):
        value = (_first(fields, key) or "").strip()
        if value and value.upper() != "UNKNOWN":
            names = re.sub(r"\s*<[^>]*>", "", value).strip(' "')
            return names or value
    return None


def _first(fields: metadata.PackageMetadata, key: str) -> str | None:
    values = fields.get_all(key) or ()
    return str(values[0]) if values else None


def _required(requirements: Sequence[str]) -> Iterator[str]:
    for requirement in requirements:
        name = _REQUIREMENT.match(requirement)
        if name is not None and not _EXTRA.search(requirement):
            yield normalised(name[1])


def _record_sha256(files: Sequence[metadata.PackagePath]) -> str | None:
    for file in files:
        if file.name == "RECORD" and file.parent.name.endswith(".dist-info"):
            with contextlib.suppress(OSError):
                return hashlib.sha256(Path(str(file.locate())).read_bytes()).hexdigest()
    return None


def _native(file: metadata.PackagePath) -> NativeFile:
    return NativeFile(
        path=Path(str(file.locate())).resolve(), name=file.as_posix(), sha256=_sha256(file.hash)
    )


def _sha256(recorded: metadata.FileHash | None) -> str | None:
    """RECORD's digest (base64 without padding), hexadecimal."""
    if recorded is None or recorded.mode != "sha256":
        return None
    try:
        digest = base64.urlsafe_b64decode(recorded.value + "=" * (-len(recorded.value) % 4))
    except (ValueError, binascii.Error):
        return None
    return digest.hex() if len(digest) == 32 else None


def _is_sbom(path: str) -> bool:
    return ".dist-info/sboms/" in path and path.endswith(".json")
