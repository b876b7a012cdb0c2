"""Outlines, regions and tracks, against OpenCV's and Python's."""

from __future__ import annotations

import ctypes as c
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest

from c_frame_path import NativePath
from effort import sample_size
from sonoedge.analysis import Reason
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings
from sonoedge.native.fields import image_of
from sonoedge.native.structs import Findings
from sonoedge.processing.classification import graded_regions
from sonoedge.processing.geometry import pixel_aspect
from sonoedge.processing.postprocess import (
    PostprocessSpec,
    frame_probs,
    is_finite,
    out_of_scope,
    regions,
)
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge.runtime import Tensors

LABELS = ("benign", "malignant", "normal", "other", "cyst")
NO_GUARD = GuardSettings(
    frozen_after_ms=None,
    constant_range=0,
    black_level=None,
    saturated_level=255,
    saturated_share=1.0,
    bars_contrast=None,
    air_structure=None,
    aspect=None,
    depth_mm=None,
)


def some_map(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Levels: speckled, smooth, wide-meshed, with holes and parts in holes, or flat."""
    kind = rng.integers(6)
    noise = rng.integers(0, 256, (height, width), dtype=np.uint8)
    if kind == 0:
        return noise
    if kind == 1:
        return np.where(rng.random((height, width)) < rng.uniform(0.05, 0.95), 200, 40).astype(
            np.uint8
        )
    if kind == 2:
        return np.full((height, width), rng.integers(0, 256), np.uint8)
    if kind == 3:  # rings in rings
        values = np.zeros((height, width), np.uint8)
        for radius in range(max(height, width), 0, -int(rng.integers(2, 6))):
            centre = (int(rng.integers(0, width)), int(rng.integers(0, height)))
            level = int(rng.integers(0, 256))
            cv2.circle(values, centre, int(radius), (level,), int(rng.choice((-1, 1, 2))))
        return values
    rough = cv2.GaussianBlur(rng.random((height, width)), (0, 0), rng.uniform(0.5, 6))
    smooth = cv2.normalize(rough, None, 0, 255, cv2.NORM_MINMAX)  # type: ignore[call-overload]
    return np.asarray(smooth, np.float64).astype(np.uint8)


def postprocess(rng: np.random.Generator) -> PostprocessSpec:
    positive = rng.permutation(LABELS)[: int(rng.integers(1, 4))].tolist()
    others = [name for name in LABELS if name not in positive]
    return PostprocessSpec(
        labels=LABELS,
        positive=tuple(positive + positive[: int(rng.random() < 0.1)]),
        lesion_threshold=float(rng.uniform(0.01, 0.99)),
        min_area_input_px=float(rng.choice((0.0, 9.0, 64.0, 400.0))),
        max_regions=int(rng.choice((1, 3, 16, 256))),
        flag_threshold=float(rng.uniform(0.05, 0.95)),
        out_of_scope=others[0] if rng.random() < 0.5 else None,
        scope_threshold=float(rng.uniform(0.2, 1.0)),
    )


def answer(rng: np.random.Generator, names: tuple[str, ...], hw: tuple[int, int]) -> Tensors:
    probs = rng.dirichlet(np.ones(len(LABELS)) * 0.4).astype(np.float32)
    if rng.random() < 0.1:
        probs[rng.integers(len(LABELS))] = rng.choice((np.nan, -0.1, 1.00009, 1.0002, np.inf))
    made = {
        "lesion_map": some_map(rng, *hw)[None, None],
        "malignancy_map": some_map(rng, *hw)[None, None],
        "class_probs": probs[None],
        "finite": np.array([rng.random() < 0.9], np.uint8),
    }
    return {name: np.ascontiguousarray(made[name]) for name in names}


OUTPUTS = (
    ("lesion_map",),
    ("lesion_map", "malignancy_map"),
    ("lesion_map", "class_probs"),
    ("malignancy_map", "class_probs", "lesion_map", "finite"),
    ("class_probs",),
    ("finite", "class_probs"),
)


def plain(region: Any) -> dict[str, Any]:
    return {
        "contour_px": region.contour_px.tolist(),
        "class_probs": list(region.class_probs.values()),
        **{
            name: getattr(region, name)
            for name in (
                *("box_px", "area_px", "area_mm2", "box_mm", "suspicion", "flagged"),
                *("track_id", "track_flagged"),
            )
        },
    }


class Part(c.Structure):
    _fields_ = (
        ("outline", c.POINTER(c.c_int32)),
        ("points", c.c_uint32),
        ("box", c.c_int32 * 4),
        ("cells", c.c_double),
    )


def outlines(library: c.CDLL, values: np.ndarray, level: int) -> Iterator[np.ndarray]:
    """All outlines of a map, in OpenCV's order but for those that are larger."""
    memory, parts = c.create_string_buffer(4096), c.POINTER(Part)()
    height, width = values.shape
    within, rules = (c.c_int32 * 4)(0, 0, width, height), Rules(level, 0.0, 1 << 20)
    count = library.so_outlines_find(
        memory, c.byref(image_of(values)), within, c.byref(rules), c.byref(parts)
    )
    for part in parts[:count]:
        yield np.ctypeslib.as_array(part.outline, (part.points, 2)).copy()
    library.so_outlines_free(memory)


class Rules(c.Structure):
    _fields_ = (("level", c.c_int), ("min_cells", c.c_double), ("most", c.c_int32))


@pytest.mark.parametrize("seed", range(sample_size(5)))
def test_outlines_are_opencvs_point_by_point(library: c.CDLL, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(200):
        height, width = (int(side) for side in rng.integers(1, 90, 2))
        values, level = some_map(rng, height, width), int(rng.integers(1, 256))
        mask = (values >= level).astype(np.uint8)
        wanted, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        by_size = sorted(wanted, key=lambda o: -(cv2.contourArea(o) + len(o) / 2))
        given = list(outlines(library, values, level))
        assert [o.tolist() for o in given] == [o[:, 0].tolist() for o in by_size]


@pytest.mark.parametrize("seed", range(sample_size(8)))
def test_regions_are_pythons_in_every_value(library: c.CDLL, seed: int) -> None:
    rng, seen = np.random.default_rng(50 + seed), 0
    for _ in range(120):
        spec = postprocess(rng)
        names = OUTPUTS[rng.integers(len(OUTPUTS))]
        hw = (int(rng.integers(1, 70)), int(rng.integers(1, 70)))
        shapes: dict[str, Any] = {
            **dict.fromkeys(("lesion_map", "malignancy_map"), (1, 1, *hw)),
            "class_probs": (1, len(LABELS)),
            "finite": (1,),
        }
        settings = PreprocessSpec(
            height=int(rng.integers(8, 200)),
            width=int(rng.integers(8, 200)),
            resize="stretch" if rng.random() < 0.3 else "letterbox",
        )
        python = Preprocess(settings)
        path = NativePath(
            library,
            preprocess=settings,
            postprocess=spec,
            guard=NO_GUARD,
            outputs={name: shapes[name] for name in names},
        )
        for _ in range(4):
            frame = some_frame(rng)
            maps = answer(rng, names, hw)
            seen += same_regions(path, python, frame, maps, spec)
        path.close()
    assert seen > 500


def some_frame(rng: np.random.Generator) -> Frame:
    height, width = (int(side) for side in rng.integers(8, 300, 2))
    mm = [0.05, 0.05, 0.1, 0.31, 1 / 3]
    edges = [int(e) for e in (*rng.integers(-9, 4, 2), *rng.integers(5, 320, 2))]
    return Frame(
        pixels=rng.integers(0, 250, (height, width), dtype=np.uint8),
        captured_ns=0,
        spacing_mm=(float(rng.choice(mm)), float(rng.choice(mm))) if rng.random() < 0.6 else None,
        pixel_aspect=float(rng.choice((0.5, 1.004, 1.5))) if rng.random() < 0.3 else None,
        roi_px=(edges[0], edges[1], edges[2], edges[3]) if rng.random() < 0.5 else None,
    )


def same_regions(
    path: NativePath, python: Preprocess, frame: Frame, maps: Tensors, spec: PostprocessSpec
) -> int:
    """Every value is Python's; how many regions there were."""
    given = path.analyse(frame, maps)
    tensor, geometry = python.frame(frame)
    assert given.input is not None
    assert np.array_equal(given.input, tensor[0, 0])
    assert geometry == python.geometry(
        *frame.pixels.shape,
        frame.roi_px,
        pixel_aspect(frame.spacing_mm, frame.pixel_aspect),
    )
    probs = frame_probs(spec, maps)
    golden = Findings()
    assert path.find(maps, golden, checks=False)[0] is None
    boxes = [
        plain(region)["box_px"]
        for region in graded_regions(spec, maps, geometry, frame.pixels.shape)
    ]
    assert [tuple(golden.regions[i].box) for i in range(golden.region_count)] == boxes
    if not is_finite(maps, probs):
        assert given.reason is Reason.ENGINE_OUTPUT_INVALID
        return 0
    scope = out_of_scope(spec, probs)
    if scope is not None:
        assert given.reason is Reason.OUT_OF_SCOPE
        limit = f"limit {spec.scope_threshold:.3f}"
        assert given.detail == f"{spec.out_of_scope} {scope:.3f}, {limit}"
        return 0
    assert given.reason is None
    assert given.class_probs == list(probs.values())
    assert given.is_graded == ("lesion_map" not in maps)
    if given.is_graded:
        wanted = graded_regions(spec, maps, geometry, frame.pixels.shape)
    else:
        wanted = regions(
            spec, maps, geometry, source_hw=frame.pixels.shape, spacing_mm=frame.spacing_mm
        )
    assert given.regions == [plain(region) for region in wanted]
    return len(wanted)
