"""A manifest's settings as the native library's test program writes its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

from c_reader import c_hex
from sonoedge.bundle.golden import GoldenRegions
from sonoedge.bundle.manifest import Manifest, Variant
from sonoedge.runtime import TensorSpec

_DTYPES: Final = {
    "uint8": (1, 1),
    "int32": (2, 4),
    "int64": (3, 8),
    "float32": (4, 4),
    "bool": (5, 1),
}
_MAPS: Final = ("lesion_map", "malignancy_map", "class_probs", "finite")
_MOST_LABELS: Final = 64
_MOST_RANK: Final = 8


def beyond_the_library(manifest: Manifest) -> bool:
    """Whether the native library may refuse what Python takes."""
    outputs = {spec.name: spec for spec in manifest.outputs}
    maps = {outputs[name].shape for name in _MAPS[:2] if name in outputs}
    return (
        manifest.preprocess.interpolation != "exact"
        or len(manifest.postprocess.labels) > _MOST_LABELS
        or len(manifest.postprocess.positive) > _MOST_LABELS
        or any(len(spec.shape) > _MOST_RANK for spec in manifest.outputs)
        or len(maps) > 1
    )


def manifest_lines(manifest: Manifest) -> str:
    """Id, settings and variants, a line each."""
    lines = [f"id={manifest.bundle_id}", *settings_lines(manifest)]
    return "\n".join((*lines, *variant_lines(manifest, manifest.variants), ""))


def settings_lines(manifest: Manifest) -> Iterable[str]:
    """What dump_settings of dump.c writes."""
    return chain(
        _preprocess(manifest), _postprocess(manifest), _guard(manifest), _tracking(manifest),
        _tensors(manifest),
    )  # fmt: skip


def variant_lines(manifest: Manifest, variants: Sequence[Variant]) -> Iterable[str]:
    """What dump_variants of dump.c writes."""
    for v in variants:
        words: list[Any] = [
            *(v.id, v.runtime, v.precision, v.model, v.golden, v.golden_regions),
            *(manifest.files[v.model].sha256, v.tolerance.map_levels),
            *(c_hex(v.tolerance.probs), int(v.needs_int8_products)),
        ]
        yield "variant=" + " ".join(map(str, words))
        yield from _lines(latency=_number(v.latency_ms_p50))


def region_lines(frames: Iterable[GoldenRegions]) -> bytes:
    """Golden regions as drive.c writes them."""
    text = ""
    for frame in frames:
        text += f"{int(frame.flagged)}\n"
        for r in frame.regions:
            numbers = f"{c_hex(float(r.area_px))} {c_hex(float(r.suspicion))}"
            text += f"{' '.join(map(str, r.box_px))} {numbers} {int(r.flagged)}\n"
    return text.encode()


def _lines(**values: object) -> Iterable[str]:
    for name, value in values.items():
        yield f"{name}={int(value) if isinstance(value, bool) else value}"


def _number(value: float | None) -> str | None:
    return None if value is None else c_hex(float(value))


def _span(value: Sequence[float] | None) -> str | None:
    return None if value is None else " ".join(c_hex(float(v)) for v in value)


def _texts(value: Sequence[str] | None) -> str | None:
    return None if value is None else "".join(f"[{text}]" for text in value)


def _preprocess(manifest: Manifest) -> Iterable[str]:
    p = manifest.preprocess
    yield from _lines(
        height=p.height,
        width=p.width,
        stretch=p.resize == "stretch",
        pad_value=p.pad_value,
        roi_from=_span(p.roi and (p.roi.x0, p.roi.y0)),
        roi_to=_span(p.roi and (p.roi.x1, p.roi.y1)),
        roi_fraction=p.roi is not None and p.roi.unit == "fraction",
        grey_map=p.grey_map and "".join(f"{level} " for level in p.grey_map),
    )


def _postprocess(manifest: Manifest) -> Iterable[str]:
    p = manifest.postprocess
    yield from _lines(labels=_texts(p.labels))
    for label in p.positive:
        yield from _lines(positive=p.labels.index(label))
    yield from _lines(
        lesion_threshold=_number(p.lesion_threshold),
        min_area_input_px=_number(p.min_area_input_px),
        max_regions=p.max_regions,
        flag_threshold=_number(p.flag_threshold),
        out_of_scope=-1 if p.out_of_scope is None else p.labels.index(p.out_of_scope),
        scope_threshold=_number(p.scope_threshold),
    )


def _guard(manifest: Manifest) -> Iterable[str]:
    g = manifest.guard
    yield from _lines(
        frozen_after_ms=_number(g.frozen_after_ms),
        saturated_level=g.saturated_level,
        saturated_share=_number(g.saturated_share),
        constant_range=g.constant_range,
        max_side_px=g.max_side_px,
        black_level=g.black_level,
        bars_contrast=_number(g.bars_contrast),
        colour_level=g.colour_level,
        colour_share=_number(g.colour_share),
        air_structure=_number(g.air_structure),
        aspect=_span(g.aspect),
        depth_mm=_span(g.depth_mm),
        pixel_aspect=_span(g.pixel_aspect),
        spacing_required=g.spacing_required,
        probes=_texts(g.probes),
        presets=_texts(g.presets),
    )


def _tracking(manifest: Manifest) -> Iterable[str]:
    t = manifest.tracking
    yield from _lines(
        match_iou=_number(t.match_iou),
        raise_threshold=_number(t.raise_threshold),
        keep_threshold=_number(t.keep_threshold),
        raise_frames=t.raise_frames,
        window_frames=t.window_frames,
        keep_frames=t.keep_frames,
        hold_off_frames=t.hold_off_frames,
        lost_after_frames=t.lost_after_frames,
        gap_ms=_number(t.gap_ms),
        evidence=t.evidence is not None,
    )
    if (e := t.evidence) is not None:
        yield from _lines(
            raise_log_odds=_number(e.raise_log_odds),
            keep_log_odds=_number(e.keep_log_odds),
            most_log_odds=_number(e.most_log_odds),
            unseen_log_odds=_number(e.unseen_log_odds),
            half_life_ms=_number(e.half_life_ms),
        )


def _tensors(manifest: Manifest) -> Iterable[str]:
    yield _tensor("input", manifest.inputs[0])
    for spec in manifest.outputs:
        yield _tensor("output", spec)
    names = [spec.name for spec in manifest.outputs]
    places = (str(names.index(name) if name in names else -1) for name in _MAPS)
    yield "maps=" + " ".join(places)


def _tensor(kind: str, spec: TensorSpec) -> str:
    number, size = _DTYPES[spec.dtype]
    for side in spec.shape:
        size *= side
    return f"{kind}=" + " ".join(map(str, (spec.name, number, size, *spec.shape)))
