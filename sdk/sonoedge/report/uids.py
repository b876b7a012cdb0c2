"""Unique identifiers: `2.25.` and the integer of a UUID (PS3.5 B.2), which asks no registry."""

from __future__ import annotations

import uuid
from typing import Final

_NAMESPACE: Final = uuid.UUID("6c1a3d8e-3d0c-4b62-9f1e-0d8d4f5f7a52")


def new_uid() -> str:
    """A UID that nothing else has."""
    return f"2.25.{uuid.uuid4().int}"


def uid_of(*parts: str) -> str:
    """The UID of what these texts name: the same texts give the same one."""
    return f"2.25.{uuid.uuid5(_NAMESPACE, '/'.join(parts)).int}"
