"""Files that once crashed, hung or confused a reader: each gives a typed error or is read right.

The collection is no part of the repository; where it is absent this is skipped. Its bundles are
in `test_bundle`.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from sonoedge.errors import InvalidData, InvalidRecipe, SourceCrashed, SourceError
from sonoedge.sources import Limits, open_source
from sonoedge_export.data.labelled import read_labelled
from sonoedge_export.recipe.recipe import read_recipe

ROOT = Path(__file__).parents[2]
FOUND = Path(os.environ.get("SONOEDGE_FOUND", ROOT.parent / "shared" / "trust" / "found"))
SUFFIXES = {"dicom": ".dcm", "dicom_native": ".dcm", "mha": ".mha"}  # some have none that tells
KINDS = ("dicom", "dicom_native", "image_native", "mha", "handmade")

pytestmark = pytest.mark.skipif(
    not FOUND.is_dir(), reason="the collection is absent; set SONOEDGE_FOUND to its folder"
)


def files(*kinds: str) -> list[Path]:
    """All files of these kinds."""
    return sorted(path for kind in kinds for path in (FOUND / kind).glob("*"))


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("file", files(*KINDS), ids=name)
def test_a_hostile_picture_costs_itself_alone(file: Path, tmp_path: Path) -> None:
    kind = file.parent.name
    path = tmp_path / f"{file.stem}{SUFFIXES.get(kind, file.suffix)}"
    shutil.copyfile(file, path)
    frames, error = [], None
    try:
        with open_source(path, limits=Limits(cpu_s=5)) as source:
            frames = [(f.pixels.dtype, f.pixels.shape) for f in source]
    except SourceError as raised:
        error = raised
    if error is None:
        assert kind in ("dicom", "dicom_native")
        assert frames == [(np.uint8, (16, 24))]
    elif isinstance(error, SourceCrashed):  # by the decoder's own memory errors, not by time
        assert kind in ("dicom", "dicom_native")
        assert "was ended by SIGABRT" in str(error) or "was ended by SIGSEGV" in str(error)
    else:
        assert path.name in str(error)


@pytest.mark.parametrize("file", files("recipe"), ids=name)
def test_a_hostile_recipe_is_refused(file: Path) -> None:
    with pytest.raises(InvalidRecipe):
        _ = read_recipe(file).files.evaluation  # where they are is asked before they are read


@pytest.mark.parametrize("file", files("labelled"), ids=name)
def test_a_hostile_list_of_frames_is_refused_by_its_name(file: Path) -> None:
    with pytest.raises(InvalidData, match=file.stem):
        read_labelled(file)


def test_nothing_in_the_collection_is_left_out() -> None:
    bundles = {"bundle", "manifest_tree", "external_data_bundle"}
    walked = {*KINDS, "recipe", "labelled"}
    assert {path.name for path in FOUND.iterdir()} == bundles | walked
    assert all(files(kind) for kind in walked)
