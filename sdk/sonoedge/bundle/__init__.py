"""A bundle: a folder with models, their manifest and their golden answers."""

from sonoedge.bundle.bundle import Bundle, read_bundle
from sonoedge.bundle.card import Card, CardData
from sonoedge.bundle.gates import Gates
from sonoedge.bundle.golden import GoldenAnswer, GoldenRegion, GoldenRegions
from sonoedge.bundle.manifest import (
    SCHEMA_VERSION,
    Digest,
    Golden,
    Manifest,
    OperatingPoint,
    Tolerance,
    Variant,
)

__all__ = [
    "SCHEMA_VERSION",
    "Bundle",
    "Card",
    "CardData",
    "Digest",
    "Gates",
    "Golden",
    "GoldenAnswer",
    "GoldenRegion",
    "GoldenRegions",
    "Manifest",
    "OperatingPoint",
    "Tolerance",
    "Variant",
    "read_bundle",
]
