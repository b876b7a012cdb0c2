"""Shared by the tests of reports: the files that they are about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dicom_samples import discs, region, write_dicom


@pytest.fixture
def cine(tmp_path: Path) -> Path:
    """A cine of 30 frames with a tissue region of 0.2 mm a pixel."""
    return write_dicom(
        tmp_path / "cine.dcm",
        discs(30),
        SequenceOfUltrasoundRegions=[region(0, 0, 159, 119)],
    )


@pytest.fixture
def still(tmp_path: Path) -> Path:
    """One frame without a tissue region."""
    return write_dicom(tmp_path / "still.dcm", discs(1))


Write = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path) -> Write:
    """Saves a data set; returns its path."""

    def save(instance: Any, name: str = "made.dcm") -> Path:
        path = tmp_path / name
        instance.save_as(path, enforce_file_format=True)
        return path

    return save
