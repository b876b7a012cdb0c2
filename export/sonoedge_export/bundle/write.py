"""Write a bundle whole or not at all."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.errors import InvalidSettings
from sonoedge.runtime import Tensors


@contextlib.contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A folder beside the target that takes its place when the block ends well.

    A bundle at the target is replaced; anything else there is refused.
    """
    if target.exists() and not (target / "manifest.json").is_file():
        raise InvalidSettings(f"{target} exists and is no bundle; give another --out")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        draft.chmod(0o755)
        yield draft
        if target.exists():
            old = draft.with_name(draft.name + "-old")
            target.replace(old)
            draft.replace(target)
            shutil.rmtree(old)
        else:
            draft.replace(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def write(folder: Path, path: str, data: bytes) -> None:
    """Write one file of the bundle."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """A picture as PNG."""
    done, data = cv2.imencode(".png", pixels)
    if not done:
        raise InvalidSettings("a golden frame cannot be written as PNG")
    return data.tobytes()


def answers(of_frames: Sequence[Tensors]) -> bytes:
    """Golden answers as .npz; the same answers give the same bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, tensors in enumerate(of_frames):
            for name in sorted(tensors):
                array = io.BytesIO()
                np.lib.format.write_array(array, np.asarray(tensors[name]), allow_pickle=False)
                entry = zipfile.ZipInfo(f"{number:03d}.{name}.npy", (1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, array.getvalue())
    return file.getvalue()


def versions(names: Sequence[str]) -> Mapping[str, str]:
    """Installed versions of the packages that took part."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in names:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
