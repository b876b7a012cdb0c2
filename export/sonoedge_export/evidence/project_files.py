"""The project's own requirements, hazards and tokens: with the wheel, or in the checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sonoedge.errors import InvalidData

# name within the package: where the checkout keeps it
FILES: Final = {
    "requirements.toml": "docs/requirements.toml",
    "hazards.toml": "docs/hazards.toml",
    "troubleshooting.md": "docs/how-to/troubleshooting.md",
}
_PACKAGE: Final = Path(__file__).parent
_CHECKOUT: Final = Path(__file__).parents[3]


def project_file(name: str) -> Path:
    """One of `FILES`.

    Raises:
        InvalidData: this installation lacks it.
    """
    for path in (_PACKAGE / "project" / name, _CHECKOUT / FILES[name]):
        if path.is_file():
            return path
    raise InvalidData(f"this installation of sonoedge lacks {name}; name a file of your own")
