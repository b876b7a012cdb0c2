"""What an earlier export measured and chose, for a reproducible rebuild."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sonoedge.bundle import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier export's measurements; only its variants are built again.

    Attributes:
        latency_ms: median per variant.
        on_device: variants without a median, whose engine is built on the device.
        quantized: by variant, how its graph was quantized: form and kept layers.
        left_out: by variant, why the earlier bundle has none.
    """

    latency_ms: Mapping[str, float]
    on_device: tuple[str, ...] = ()
    quantized: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def variants(self) -> frozenset[str]:
        """Ids of the variants that were built."""
        return frozenset((*self.latency_ms, *self.on_device))


def earlier_of(manifest: Manifest) -> Earlier:
    """What a bundle's manifest says of its export."""
    return Earlier(
        latency_ms={
            v.id: v.latency_ms_p50 for v in manifest.variants if v.latency_ms_p50 is not None
        },
        on_device=tuple(v.id for v in manifest.variants if v.latency_ms_p50 is None),
        quantized=manifest.lineage.get("quantized", {}),
        left_out=manifest.lineage.get("left_out", {}),
    )
