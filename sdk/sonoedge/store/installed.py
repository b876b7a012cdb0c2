"""Installed bundles: read and checked, and their files found by what they hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sonoedge.bundle import Bundle, Digest, read_bundle
from sonoedge.errors import BundleError, DigestMismatch
from sonoedge.store.layout import Layout
from sonoedge.trust.policy import TrustPolicy


def read_installed(
    layout: Layout, sha256: str, policy: TrustPolicy, *, test_doubles: bool = False
) -> Bundle:
    """An installed bundle, its signatures and every file of it checked.

    Raises:
        BundleError: it is not there, damaged, replaced by another one, or not trusted.
    """
    bundle = read_bundle(layout.bundle(sha256), test_doubles=test_doubles, trust=policy)
    if bundle.manifest_sha256 != sha256:
        raise DigestMismatch(
            f"in the place of the bundle {sha256[:12]}... lies another one, "
            f"{bundle.manifest_sha256[:12]}...; install the right one again"
        )
    bundle.check()
    return bundle


class InstalledFiles:
    """Finds files by their digest in the bundles of a store; nothing is read before one is asked.

    Args:
        test_doubles: whether bundles with test doubles count.
    """

    def __init__(self, layout: Layout, *, test_doubles: bool = False) -> None:
        self._layout, self._test_doubles = layout, test_doubles
        self._places: dict[Digest, list[tuple[Bundle, str]]] | None = None

    def read(self, digest: Digest, path: str) -> bytes:
        """The bytes of an installed file with this digest, checked.

        Args:
            path: what it is to become, for the message.

        Raises:
            DigestMismatch: no sound one is installed.
        """
        if self._places is None:
            self._places = defaultdict(list)
            for bundle in self._bundles():
                for name, each in bundle.manifest.files.items():
                    self._places[each].append((bundle, name))
        for bundle, name in self._places.get(digest, ()):
            try:
                return bundle.read(name)
            except BundleError:
                continue  # damaged, or removed meanwhile: another bundle may have it
        raise DigestMismatch(
            f"{path} is missing, and no installed bundle has a file with its digest; copy the "
            "whole bundle"
        )

    def _bundles(self) -> Iterator[Bundle]:
        for sha256 in self._layout.installed():
            try:
                # Who vouches for it is of no matter here: each file is taken by its digest.
                yield read_bundle(
                    self._layout.bundle(sha256),
                    test_doubles=self._test_doubles,
                    trust=TrustPolicy(),
                )
            except BundleError:
                continue
