"""Which measures a head may lean on: those that a small change of the picture leaves alone."""

from __future__ import annotations

from typing import Final

from sonoedge.bundle.heads import HeadInput, is_embedded

# Least agreement, ICC(A,1), of 160 regions under a wider outline, half the resolution, gain,
# gamma, JPEG, noise and a shift: 0.50 to 0.75.
UNSTABLE: Final = frozenset(
    {
        "laws.rr",
        "shape.fractal_dimension",
        "first_order.kurtosis",
        "first_order.range",
        "glcm.cluster_shade",
        "glcm.cluster_prominence",
        "glcm.inverse_variance",
        "wavelet.horizontal_1_peakedness",
        "wavelet.vertical_1_peakedness",
        "wavelet.diagonal_1_peakedness",
        "wavelet.horizontal_2_peakedness",
        "wavelet.vertical_2_peakedness",
        "wavelet.diagonal_2_peakedness",
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
