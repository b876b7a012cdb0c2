"""Which measures a head may lean on: those that a small change of the picture leaves alone."""

from __future__ import annotations

from typing import Final

from sonoedge.bundle.heads import HeadInput, is_embedded

# Agreement, ICC(A,1), below 0.75 of 197 regions under a wider outline, half the resolution, gain,
# gamma, JPEG, noise or a shift: docs/reference/measures.md has the command.
UNSTABLE: Final = frozenset(
    {
        "glrlm.length_variance",
        "glrlm.long_high_level_runs",
        "margin.edge_width",
        "margin.inner_rim",
    }
)


def stable(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the names that are, in order."""
    return tuple(name for name in names if name not in UNSTABLE)


def told(inputs: tuple[HeadInput, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the names that a head of these inputs is told, in order: no unstable measure."""
    return tuple(
        name
        for name in stable(names)
        if ("embedding" if is_embedded(name) else "features") in inputs
    )
