"""Versions of the packages that took part in an export."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version


def versions(names: Sequence[str]) -> Mapping[str, str]:
    """Installed versions by package; those that are not installed are left out."""
    installed = {}
    for name in names:
        with contextlib.suppress(PackageNotFoundError):
            installed[name] = version(name)
    return installed
