"""The parts that others make, as a page of the site and as the file that a device reads.

python docs/generate/soup_page.py    # after a change of soup.toml
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

URI: Final = "reference/soup.md"
ROOT: Final = Path(__file__).parents[2]
SOURCE: Final = ROOT / "soup.toml"
FOR_DEVICES: Final = ROOT / "sdk" / "sonoedge" / "sbom" / "soup.json"
INTRODUCTION: Final = """# Parts that others make

What the device side needs of others (software of unknown provenance, IEC 62304), as
[soup.toml](../../soup.toml) says. [Bills of materials](../how-to/sbom.md) explains how a device
lists what is really there.
"""
COLUMNS: Final = {
    "name": "part",
    "versions": "versions",
    "manufacturer": "manufacturer",
    "needed_for": "needed for",
    "needs": "needs itself",
    "level_of_support": "support",
    "end_of_support": "end of support",
    "anomalies": "anomalies looked at",
}
JUDGED: Final = {
    "id": "vulnerability",
    "part": "part",
    "versions": "versions",
    "state": "state",
    "detail": "why",
    "judged": "judged on",
}
KINDS: Final = {
    "pypi": "Python distributions",
    "native": "Libraries within them",
    "system": "What the device's maker installs",
}


def soup() -> dict[str, Any]:
    """soup.toml as it is."""
    with SOURCE.open("rb") as file:
        table: dict[str, Any] = tomllib.load(file)
    return table


def json_text() -> str:
    """What a device reads."""
    return json.dumps(soup(), indent=1, ensure_ascii=False) + "\n"


def pages() -> dict[str, str]:
    """Address within the site to Markdown."""
    data = soup()
    sections = [INTRODUCTION]
    for kind, title in KINDS.items():
        rows = [part for part in data["parts"] if part["kind"] == kind]
        sections.append(f"## {title}\n\n{_table(rows, COLUMNS)}")
    sections.append(f"## Vulnerabilities\n\n{_table(data['vulnerabilities'], JUDGED)}")
    return {URI: "\n".join(sections)}


def _table(rows: list[dict[str, Any]], columns: dict[str, str]) -> str:
    lines = [f"| {' | '.join(columns.values())} |", f"|{'---|' * len(columns)}"]
    lines += [f"| {' | '.join(_cell(row[key]) for key in columns)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    text = ", ".join(value) if isinstance(value, list) else str(value)
    return text.replace("|", "\\|") or "any"


if __name__ == "__main__":
    FOR_DEVICES.write_text(json_text(), encoding="utf-8")
    print(f"wrote {FOR_DEVICES.relative_to(ROOT)}")
