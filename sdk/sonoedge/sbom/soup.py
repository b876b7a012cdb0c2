"""Software of unknown provenance (IEC 62304): what we need of each part, and who supports it.

`soup.toml` in the repository is written by hand; `soup.json` beside this file is the same for a
device, whose Python may have no TOML reader. A test keeps the two alike.
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from sonoedge.bounded_read import read_bounded
from sonoedge.errors import InvalidSettings
from sonoedge.sbom.component import normalised
from sonoedge.settings import read
from sonoedge.strict_json import MOST_BYTES, parse_json

OURS: Final = Path(__file__).with_name("soup.json")

Kind = Literal["pypi", "native", "system"]
Support = Literal["actively maintained", "no longer maintained", "abandoned", "unknown"]
State = Literal[
    "resolved",
    "resolved_with_pedigree",
    "exploitable",
    "in_triage",
    "false_positive",
    "not_affected",
]
Justification = Literal[
    "code_not_present",
    "code_not_reachable",
    "requires_configuration",
    "requires_dependency",
    "requires_environment",
    "protected_by_compiler",
    "protected_at_runtime",
    "protected_at_perimeter",
    "protected_by_mitigating_control",
]
Response = Literal["can_not_fix", "will_not_fix", "update", "rollback", "workaround_available"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SoupPart:
    """A part that others make.

    Attributes:
        kind: "pypi", a Python distribution; "native", a library within one; "system", what
            the device's maker installs, such as a driver.
        name: a distribution's; of a library, the package URL, without a version, of what it was
            taken from.
        versions: those that all the following was written for.
        manufacturer: who makes it.
        needed_for: what we need of it.
        needs: what it needs itself.
        level_of_support: in the words of the FDA's guidance on cybersecurity.
        end_of_support: a date, or why there is none.
        anomalies: which published ones were looked at, and what they mean here.
        files: patterns of file names, by which libraries of kind "system" are recognised.
    """

    kind: Kind
    name: str
    versions: tuple[str, ...]
    manufacturer: str
    needed_for: str
    needs: str
    level_of_support: Support
    end_of_support: str
    anomalies: str
    files: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        texts = (self.name, self.manufacturer, self.needed_for, self.needs)
        if not all(text.strip() for text in (*texts, self.end_of_support, self.anomalies)):
            raise InvalidSettings(
                f'{self.name!r} has a blank; write "unknown" where it is not known'
            )

    def properties(self, version: str | None) -> dict[str, str]:
        """Our properties for a component of this part.

        Args:
            version: the one that is installed.
        """
        properties = {
            "sonoedge:soup:needed_for": self.needed_for,
            "sonoedge:soup:needs": self.needs,
            "sonoedge:soup:level_of_support": self.level_of_support,
            "sonoedge:soup:end_of_support": self.end_of_support,
            "sonoedge:soup:anomalies": self.anomalies,
        }
        if version not in self.versions:
            assessed = ", ".join(self.versions) or "none"
            properties["sonoedge:soup:not_assessed"] = f"this version; assessed: {assessed}"
        return properties


@dataclass(frozen=True, slots=True, kw_only=True)
class Vulnerability:
    """What a published vulnerability means here (VEX), as a person judged it.

    Attributes:
        id: such as "CVE-2022-0778".
        source: who publishes it.
        part: package URL, without a version, of the part that has it.
        versions: of the part, those that were judged.
        state, justification, response, detail: the judgement; CycloneDX's own words but for the
            last.
        judged: the day, ISO 8601.
    """

    id: str
    source: str
    part: str
    versions: tuple[str, ...]
    state: State
    detail: str
    judged: str
    justification: Justification | None = None
    response: tuple[Response, ...] = ()

    def __post_init__(self) -> None:
        if self.state == "not_affected" and self.justification is None:
            raise InvalidSettings(f"{self.id} is not_affected: say by which justification")
        if self.state == "exploitable" and not self.response:
            raise InvalidSettings(f"{self.id} is exploitable: say by which response")
        if not self.detail.strip():
            raise InvalidSettings(f"{self.id} has no detail: say why")


@dataclass(frozen=True, slots=True, kw_only=True)
class Soup:
    """All parts and vulnerabilities that a person wrote about."""

    parts: tuple[SoupPart, ...] = ()
    vulnerabilities: tuple[Vulnerability, ...] = ()

    def __post_init__(self) -> None:
        keys = [(part.kind, normalised(part.name)) for part in self.parts]
        for kind, name in keys:
            if keys.count((kind, name)) > 1:
                raise InvalidSettings(f"{kind} {name!r} is listed twice")

    def find(self, kind: Kind, name: str) -> SoupPart | None:
        """The entry of a part, by its name."""
        for part in self.parts:
            if part.kind == kind and normalised(part.name) == normalised(name):
                return part
        return None

    def of_file(self, file_name: str) -> SoupPart | None:
        """The entry of kind "system" that a library's name fits."""
        for part in self.parts:
            if part.kind == "system" and any(fnmatch.fnmatchcase(file_name, p) for p in part.files):
                return part
        return None


def read_soup(file: Path = OURS) -> Soup:
    """Read a list of parts.

    Raises:
        InvalidSettings: it cannot be read; the message names the file and the key.
    """
    try:
        data = read_bounded(file, MOST_BYTES)
    except OSError as error:
        raise InvalidSettings(f"{file.name} cannot be read: {error.strerror}") from None
    try:
        return read(Soup, parse_json(data, file.name))
    except InvalidSettings as error:
        raise InvalidSettings(f"{file.name}: {error}") from None


def joined(first: Soup, second: Soup) -> Soup:
    """Both lists; where both tell of a part or a vulnerability, what the first tells."""
    known = {(part.kind, normalised(part.name)) for part in first.parts}
    judged = {(v.id, v.part) for v in first.vulnerabilities}
    return Soup(
        parts=first.parts
        + tuple(p for p in second.parts if (p.kind, normalised(p.name)) not in known),
        vulnerabilities=first.vulnerabilities
        + tuple(v for v in second.vulnerabilities if (v.id, v.part) not in judged),
    )
