"""What the operating system says of itself, and which of its packages owns a file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

OS_RELEASE: Final = Path("/etc/os-release")
DPKG: Final = Path("/var/lib/dpkg")
_LINE: Final = re.compile(r"""([A-Z0-9_]+)=(?:"([^"]*)"|'([^']*)'|(\S*))""")


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingSystem:
    """Name and version as /etc/os-release writes them; None where it does not."""

    id: str | None
    name: str | None
    version: str | None
    kernel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemPackage:
    """A Debian package."""

    name: str
    version: str
    architecture: str

    def purl(self, distribution: str) -> str:
        """Its package URL.

        Args:
            distribution: the operating system's id, such as "debian" or "ubuntu".
        """
        version = quote(self.version, safe=".+~-")
        return f"pkg:deb/{distribution}/{self.name}@{version}?arch={self.architecture}"


def operating_system(release: Path = OS_RELEASE) -> OperatingSystem:
    """The system that this process runs on."""
    try:
        text = release.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    matches = (_LINE.fullmatch(line.strip()) for line in text.splitlines())
    values = {m[1]: m[2] or m[3] or m[4] or "" for m in matches if m is not None}
    return OperatingSystem(
        id=values.get("ID") or None,
        name=values.get("NAME") or None,
        version=values.get("VERSION_ID") or None,
        kernel=os.uname().release,
    )


def owning_packages(paths: Iterable[Path], database: Path = DPKG) -> dict[Path, SystemPackage]:
    """The Debian package that each file came with; files that none owns are left out.

    Where / and /usr are one (usrmerge), the database may name a file by either.
    """
    wanted = {spelling: path for path in paths for spelling in _spellings(path)}
    names: dict[Path, str] = {}
    for listing in sorted((database / "info").glob("*.list")):
        try:
            lines = listing.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        except OSError:
            continue
        for line in wanted.keys() & set(lines):
            names.setdefault(wanted[line], listing.name.removesuffix(".list"))
    packages = _packages(database / "status", set(names.values()))
    return {path: packages[name] for path, name in names.items() if name in packages}


def _spellings(path: Path) -> tuple[str, ...]:
    text = str(path)
    return (text, text.removeprefix("/usr")) if text.startswith("/usr/") else (text, f"/usr{text}")


def _packages(status: Path, names: set[str]) -> Mapping[str, SystemPackage]:
    """By the name of their listing: "name", or "name:architecture" for what may stand twice."""
    try:
        text = status.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    packages = {}
    for stanza in text.split("\n\n"):
        fields = dict(re.findall(r"^(Package|Version|Architecture): (\S+)$", stanza, re.MULTILINE))
        if len(fields) == 3:
            name, architecture = fields["Package"], fields["Architecture"]
            for key in names & {name, f"{name}:{architecture}"}:
                packages[key] = SystemPackage(
                    name=name, version=fields["Version"], architecture=architecture
                )
    return packages
