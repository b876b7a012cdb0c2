"""How a bundle is named, and where one lies that was installed in a store."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Final

PREFIX: Final = "store:"
BUNDLES: Final = "bundles"
PROVISION: Final = "provision"
SHA256: Final = re.compile("[0-9a-f]{64}")


def store_root(bundle: str | Path) -> Path | None:
    """The store's folder, where a bundle is given as "store:PATH"; None where it is a folder.

    A folder whose own name begins with "store:" is given by its absolute path.
    """
    text = str(bundle)
    return Path(text.removeprefix(PREFIX)) if text.startswith(PREFIX) else None


def as_argument(folder: Path) -> str:
    """How a bundle is named in a command that a message shows: its path as it was given, quoted
    where a shell needs that."""
    return shlex.quote(str(folder))


def provision_in_store(folder: Path) -> Path | None:
    """Where what is built here for an installed bundle lies; None for one that lies elsewhere."""
    real = folder.resolve()
    if real.parent.name == BUNDLES and SHA256.fullmatch(real.name):
        return real.parent.parent / PROVISION / real.name
    return None
