"""A bundle on disk: below one open folder, handed on as the very bytes that were checked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from sonoedge.bundle.digest import digest, digest_of_files
from sonoedge.bundle.engines import check_engines
from sonoedge.bundle.golden import GoldenAnswer, read_regions
from sonoedge.bundle.golden_file import read_outputs
from sonoedge.bundle.inline_data import check_inline
from sonoedge.bundle.litert_data import check_litert
from sonoedge.bundle.location import store_root
from sonoedge.bundle.manifest import Manifest, Variant
from sonoedge.bundle.parse import MOST_BYTES, parse
from sonoedge.bundle.png import MOST_PIXELS, decode_png
from sonoedge.bundle.reading import OpenFolder
from sonoedge.closing import Closing
from sonoedge.errors import (
    BundleNotFound,
    DigestMismatch,
    InvalidManifest,
    InvalidSettings,
    UnsafeContent,
    VariantNotFound,
)
from sonoedge.runtime import RUNTIMES
from sonoedge.trust.device_bar import check_bundle
from sonoedge.trust.envelope import MOST_BYTES as MOST_ENVELOPE_BYTES
from sonoedge.trust.manifest_signature import ENVELOPE, Vouched, check_product, check_signature
from sonoedge.trust.policy import TrustPolicy, read_policy

if TYPE_CHECKING:
    from sonoedge.store.locking import Lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle whose manifest has been read.

    Its folder is held open for as long as this object lives: whatever its path comes to name,
    every file is read from the folder that the manifest was read from.

    Attributes:
        folder: its path, as it was given.
        manifest_sha256: of manifest.json's bytes as they were read, hexadecimal: it identifies
            the bundle, whatever changes on disk afterwards.
        vouched: the manifest's bytes, and the keys that vouch for them.
        test_doubles: whoever read it admits `sonoedge_runtimes.testing`.
        device_key: file of the key under which this device vouches for engines that it builds
            of this bundle; None where it has none.
        lease: what holds its folder against removal, where it lies in a store.
        note: what a store has to say of how it came to this bundle; empty mostly.
    """

    folder: Path
    manifest: Manifest
    manifest_sha256: str
    vouched: Vouched = field(repr=False, compare=False)
    open_folder: OpenFolder = field(repr=False, compare=False)
    test_doubles: bool = False
    device_key: Path | None = None
    lease: Closing | None = field(default=None, repr=False, compare=False)
    note: str = field(default="", compare=False)

    def read(self, path: str) -> bytes:
        """A file's bytes, checked against the manifest.

        Raises:
            DigestMismatch: the file is missing or not the one that was written.
            UnsafeContent: it is reached through a link, or is no regular file.
        """
        expected = self.manifest.files[path]
        data = self.open_folder.read(path, expected.bytes)
        actual = digest(data)
        if actual != expected:
            raise DigestMismatch(
                f"{path} is not the file that the manifest names: expected sha256 "
                f"{expected.sha256[:12]}..., found {actual.sha256[:12]}...; "
                "copy or export the bundle again"
            )
        return data

    def check(self) -> None:
        """Check every file's digest, and that no graph takes weights from elsewhere.

        Raises:
            DigestMismatch: a file is damaged, replaced or missing.
            UnsafeContent: a file is no regular one, or a model is not what its runtime reads.
        """
        models = {variant.model: variant for variant in self.manifest.variants}
        heads = {head.model for head in self.manifest.heads}
        for path in self.manifest.files:
            data = self.read(path)
            if path in models:
                _check_model(models[path], data)
            elif path in heads:
                check_inline(data, path)

    def read_model(self, variant: Variant) -> tuple[bytes, bytes | None]:
        """The bytes that a variant's engine is loaded from: model, and weights or None.

        Raises:
            DigestMismatch, UnsafeContent: as `check`; an engine must not see these files.
        """
        model = self.read(variant.model)
        _check_model(variant, model)
        return model, None if variant.weights is None else self.read(variant.weights)

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
        return digest_of_files(files) if len(files) > 1 else files[variant.model].sha256

    def golden_frames(self) -> list[npt.NDArray[np.uint8]]:
        """The golden frames' pixels, uint8 (H, W) or (H, W, 3).

        Raises:
            DigestMismatch, UnsafeContent: one is damaged, or no picture that an export writes.
        """
        remaining = MOST_PIXELS
        frames = []
        for path in self.manifest.golden.frames:
            frames.append(decode_png(self.read(path), path, most_pixels=remaining))
            remaining -= frames[-1].size
        return frames

    def golden_answers(self, variant: Variant) -> list[GoldenAnswer]:
        """A variant's answer to each golden frame.

        Raises:
            DigestMismatch, UnsafeContent: they are damaged, or not those of the manifest's
                tensors and frames.
        """
        frames = len(self.manifest.golden.frames)
        outputs = read_outputs(
            self.read(variant.golden), variant.golden, frames, self.manifest.outputs
        )
        path = variant.golden_regions
        regions = read_regions(self.read(path), path, frames)
        return [
            GoldenAnswer(outputs=tensors, expected=expected)
            for tensors, expected in zip(outputs, regions, strict=True)
        ]


def _check_model(variant: Variant, model: bytes) -> None:
    """Refuse bytes from which an engine would read further files, or more than a network."""
    if variant.runtime not in RUNTIMES:
        return  # a test double, which the caller admits: it reads nothing but these bytes
    if variant.runtime == "litert":
        check_litert(model, variant.model)
    elif variant.weights is None:
        check_inline(model, variant.model)
    elif not model.startswith((b"<?xml", b"<net")):
        raise UnsafeContent(
            f"{variant.model} is not an OpenVINO graph, though {variant.weights} holds its "
            "weights; export the bundle again"
        )


def read_bundle(
    folder: str | Path, *, test_doubles: bool = False, trust: TrustPolicy | None = None
) -> Bundle:
    """Read a bundle's manifest; no model is touched.

    Args:
        folder: the bundle's folder; "store:PATH" for the active bundle of a store, whose trial
            is not counted by this.
        test_doubles: as `sonoedge.open`.
        trust: what is demanded of its signatures; None takes the device's policy file.

    Raises:
        InvalidSettings: `folder` is no path.
        BundleNotFound: there is no manifest.json in the folder.
        InvalidManifest: it cannot be used, or names an unknown runtime or precision.
        TrustError: it is not signed as the policy demands, or is older or laxer than it
            allows; nothing of it was parsed where a signature does not hold.
        DigestMismatch, UnsafeContent: its signatures' file cannot be read, is longer than any,
            or is no regular file.
        MissingDependency: signatures are demanded and the package cryptography is not installed.
        NoGoodBundle: no bundle of the store is active.
        StoreError: there is no store, or its state is damaged.
    """
    if not isinstance(cast("object", folder), str | Path):
        raise InvalidSettings(
            "a bundle is given by its folder's path, as text or a Path, not as "
            f"{type(folder).__name__}"
        )
    if not isinstance(cast("object", trust), TrustPolicy | None):
        raise InvalidSettings(
            "trust is a TrustPolicy (sonoedge.trust.policy), or None for the device's policy "
            f"file, not {type(trust).__name__}"
        )
    lease = _lease(folder)
    path = Path(folder) if lease is None else lease.folder
    policy = read_policy() if trust is None else trust
    try:
        open_folder = OpenFolder(path)
        text = open_folder.read_at_most("manifest.json", MOST_BYTES)
    except (BundleNotFound, DigestMismatch):
        raise BundleNotFound(_no_bundle(folder, path)) from None
    except UnsafeContent as error:
        raise InvalidManifest(str(error)) from None
    envelope = open_folder.read_if_there(ENVELOPE, MOST_ENVELOPE_BYTES)
    vouched = check_signature(text, envelope, policy)
    manifest = parse(vouched.payload)
    vouched = check_product(vouched, manifest.name, manifest.security_version, policy)
    check_bundle(policy.bar, manifest.postprocess, manifest.guard, manifest.tracking)
    check_engines(manifest, test_doubles=test_doubles)
    return Bundle(
        folder=path,
        manifest=manifest,
        manifest_sha256=hashlib.sha256(text).hexdigest(),
        vouched=vouched,
        open_folder=open_folder,
        test_doubles=test_doubles,
        device_key=policy.device_key,
        lease=lease,
    )


def _no_bundle(folder: str | Path, path: Path) -> str:
    if path.is_file():
        return f"{str(folder)!r} is no bundle: it is a file; give the folder that holds it"
    return (
        f"{str(folder)!r} is no bundle: it has no readable manifest.json; "
        "make one with sonoedge export"
    )


def _lease(folder: str | Path) -> Lease | None:
    """What holds a store's bundle; None for a bundle that is given by its folder."""
    if store_root(folder) is None:
        return None
    from sonoedge.store.resolving import resolve  # late: a store reads bundles itself

    return resolve(folder)
