"""Readers in a process of their own: what kills a decoder costs its file, never the host."""

from __future__ import annotations

from sonoedge.sources.child.limits import Limits
from sonoedge.sources.child.reader import ChildReader, isolated

__all__ = ["ChildReader", "Limits", "isolated"]
