"""A bundle on disk: below one open folder, handed on as the very bytes that were checked."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.bundle.digest import combined, digest
from sonoedge.bundle.engines import check_engines
from sonoedge.bundle.manifest import MOST_BYTES, Manifest, Variant, parse
from sonoedge.bundle.reading import OpenFolder
from sonoedge.errors import (
    BundleError,
    BundleNotFound,
    DigestMismatch,
    InvalidManifest,
    UnsafeContent,
    VariantNotFound,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle whose manifest has been read.

    Its folder is held open for as long as this object lives: whatever its path comes to name,
    every file is read from the folder that the manifest was read from.

    Attributes:
        folder: its path, as it was given.
        manifest_sha256: of manifest.json's bytes as they were read, hexadecimal: it identifies
            the bundle, whatever changes on disk afterwards.
        test_doubles: whoever read it admits `sonoedge_runtimes.testing`.
    """

    folder: Path
    manifest: Manifest
    manifest_sha256: str
    opened: OpenFolder = field(repr=False, compare=False)
    test_doubles: bool = False

    def read(self, path: str) -> bytes:
        """A file's bytes, checked against the manifest.

        Raises:
            DigestMismatch: the file is missing or not the one that was written.
            UnsafeContent: it is reached through a link, or is no regular file.
        """
        expected = self.manifest.files[path]
        data = self.opened.read(path, expected.bytes)
        actual = digest(data)
        if actual != expected:
            raise DigestMismatch(
                f"{path} is not the file that the manifest names: expected sha256 "
                f"{expected.sha256[:12]}..., found {actual.sha256[:12]}...; "
                "copy or export the bundle again"
            )
        return data

    def check(self) -> None:
        """Check every file's digest.

        Raises:
            DigestMismatch: a file is damaged, replaced or missing.
        """
        for path in self.manifest.files:
            self.read(path)

    def variant(self, variant_id: str) -> Variant:
        """A variant by its id.

        Raises:
            VariantNotFound: the message names those that exist.
        """
        for variant in self.manifest.variants:
            if variant.id == variant_id:
                return variant
        have = ", ".join(v.id for v in self.manifest.variants)
        raise VariantNotFound(f"the bundle has no variant {variant_id!r}; it has {have}")

    def engine_sha256(self, variant: Variant) -> str:
        """What identifies a variant's engine: its file's SHA-256, or one over its two files."""
        files = {path: self.manifest.files[path] for path in variant.model_files}
        return combined(files) if len(files) > 1 else files[variant.model].sha256

    def golden_frames(self) -> list[npt.NDArray[np.uint8]]:
        """The golden frames' pixels, uint8 (H, W) or (H, W, 3)."""
        pictures = []
        for path in self.manifest.golden.frames:
            data = np.frombuffer(self.read(path), dtype=np.uint8)
            picture = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
            if picture is None or picture.dtype != np.uint8:
                raise BundleError(f"{path} is no 8-bit picture")
            pictures.append(np.asarray(picture, dtype=np.uint8))
        return pictures

    def golden_answers(self, variant: Variant) -> list[dict[str, npt.NDArray[np.generic]]]:
        """A variant's outputs for each golden frame, by tensor name."""
        try:
            with np.load(io.BytesIO(self.read(variant.golden)), allow_pickle=False) as stored:
                return [
                    {s.name: stored[f"{n:03d}.{s.name}"] for s in self.manifest.outputs}
                    for n in range(len(self.manifest.golden.frames))
                ]
        except (ValueError, KeyError) as error:
            raise BundleError(f"{variant.golden} holds no golden answers: {error}") from None


def read_bundle(folder: str | Path, *, test_doubles: bool = False) -> Bundle:
    """Read a bundle's manifest; no model is touched.

    Args:
        test_doubles: as `sonoedge.open`.

    Raises:
        BundleNotFound: there is no manifest.json in the folder.
        InvalidManifest: it cannot be used, or names an unknown runtime or precision.
    """
    path = Path(folder)
    try:
        opened = OpenFolder(path)
        text = opened.read_at_most("manifest.json", MOST_BYTES)
    except (BundleNotFound, DigestMismatch):
        raise BundleNotFound(
            f"{str(folder)!r} is no bundle: it has no readable manifest.json; "
            "make one with sonoedge export"
        ) from None
    except UnsafeContent as error:
        raise InvalidManifest(str(error)) from None
    manifest = parse(text)
    check_engines(manifest, test_doubles=test_doubles)
    return Bundle(
        folder=path,
        manifest=manifest,
        manifest_sha256=hashlib.sha256(text).hexdigest(),
        opened=opened,
        test_doubles=test_doubles,
    )
