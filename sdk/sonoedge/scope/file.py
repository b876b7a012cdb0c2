"""scope.json: what a device was taught for a bundle, in the folder beside it.

It lies where `sonoedge provision` keeps what it builds (`sonoedge.device.store`), is for one
bundle by its manifest's digest, and carries a digest of its own, and where this device has a key
an HMAC under it. One that is damaged, edited or of another bundle is refused, never left out: a
device that was taught to leave frames alone must not analyse them because a file went bad.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sonoedge.bounded_read import read_regular
from sonoedge.bundle import Bundle
from sonoedge.bundle.location import as_argument
from sonoedge.device.store import store_folder
from sonoedge.durable import locked, replace_durably, sync_folder
from sonoedge.errors import InvalidSettings, OutputError, ScopeMismatch
from sonoedge.processing.postprocess import EMBEDDING
from sonoedge.scope.taught import TaughtScope, TaughtScopes
from sonoedge.settings import plain, read
from sonoedge.strict_json import parse_json
from sonoedge.trust.device_key import is_mac_of, make_device_key, read_device_key, sidecar_mac

NAME: Final = "scope.json"
SCHEMA_VERSION: Final = 1
MOST_SCOPES: Final = 16
MOST_BYTES: Final = 8 << 20  # 16 scopes of two means of 4,096 numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is vouched for.

    Attributes:
        bundle_id, manifest_sha256: the only bundle that it is for.
        scopes: of different names.
    """

    bundle_id: str
    manifest_sha256: str
    scopes: tuple[TaughtScope, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.scopes) <= MOST_SCOPES:
            raise InvalidSettings(f"scopes must be 1 to {MOST_SCOPES}")
        if len({scope.name for scope in self.scopes}) < len(self.scopes):
            raise InvalidSettings("scopes must have different names")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """scope.json.

    Attributes:
        sha256: of the content's canonical bytes, hexadecimal.
        mac: HMAC-SHA-256 over them under the device's key; None where it has none.
    """

    schema_version: int
    content: Content
    sha256: str
    mac: str | None = None


def scope_file(bundle: Bundle) -> Path:
    """Where it lies, by the folder's own name: a session's worker knows no link to it."""
    return store_folder(bundle.folder.resolve()) / NAME


def read_scopes(bundle: Bundle) -> TaughtScopes | None:
    """What was taught for a bundle; None where nothing was.

    Raises:
        ScopeMismatch: the file cannot be read, was changed, or is for another bundle.
        TrustError: the device's key cannot be read.
    """
    try:
        data = read_regular(scope_file(bundle), MOST_BYTES)
    except (FileNotFoundError, NotADirectoryError):  # nothing was taught into a plain file
        return None
    except OSError as error:
        raise _mismatch(bundle, f"cannot be read ({type(error).__name__})") from None
    try:
        document = read(Document, parse_json(data, NAME, most_bytes=MOST_BYTES))
    except InvalidSettings as error:
        raise _mismatch(bundle, f"cannot be used: {error}") from None
    if document.schema_version != SCHEMA_VERSION:
        raise _mismatch(bundle, f"has schema version {document.schema_version}")
    _check(bundle, document)
    return TaughtScopes(document.content.scopes)


def write_scopes(bundle: Bundle, scopes: tuple[TaughtScope, ...]) -> None:
    """Put the scopes of a bundle in the place of those that were there; none removes the file.

    Raises:
        OutputError: the folder cannot be written.
        TrustError: the device's key cannot be read or made.
    """
    file = scope_file(bundle)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with locked(file.parent):
            if scopes:
                replace_durably(file, scope_bytes(bundle, scopes))
                return
            file.unlink(missing_ok=True)
            sync_folder(file.parent)
    except OSError as error:
        raise OutputError(
            f"what was taught cannot be written beside the bundle ({error.strerror}); give the "
            "bundle a place that may be written"
        ) from error


def scope_bytes(bundle: Bundle, scopes: tuple[TaughtScope, ...]) -> bytes:
    """The file's bytes; the device's key is made where it is named and there is none.

    Raises:
        TrustError: the device's key cannot be read or made.
    """
    content = Content(
        bundle_id=bundle.manifest.bundle_id, manifest_sha256=bundle.manifest_sha256, scopes=scopes
    )
    covered = _canonical(content)
    mac = None
    if bundle.device_key is not None:
        mac = sidecar_mac(make_device_key(bundle.device_key), NAME, covered).decode().strip()
    document = Document(
        schema_version=SCHEMA_VERSION,
        content=content,
        sha256=hashlib.sha256(covered).hexdigest(),
        mac=mac,
    )
    return (json.dumps(plain(document), indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def _canonical(content: Content) -> bytes:
    return json.dumps(
        plain(content), sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def _check(bundle: Bundle, document: Document) -> None:
    content, covered = document.content, _canonical(document.content)
    if hashlib.sha256(covered).hexdigest() != document.sha256:
        raise _mismatch(bundle, "was changed after it was written")
    if bundle.device_key is not None:
        try:
            key = read_device_key(bundle.device_key)
        except FileNotFoundError:
            raise _mismatch(bundle, "was not written by this device, which has no key") from None
        if not is_mac_of(f"{document.mac}\n".encode(), key, NAME, covered):
            raise _mismatch(bundle, "was not written by this device")
    if content.manifest_sha256 != bundle.manifest_sha256:
        raise _mismatch(bundle, f"was taught for another bundle, {content.bundle_id}")
    length = {spec.name: spec.shape for spec in bundle.manifest.outputs}.get(EMBEDDING, (1, 0))[-1]
    for scope in content.scopes:
        if len(scope.prototype) != length:
            raise _mismatch(
                bundle, f"has {len(scope.prototype)} components, the bundle's embedding {length}"
            )


def _mismatch(bundle: Bundle, why: str) -> ScopeMismatch:
    return ScopeMismatch(
        f"{NAME} beside the bundle {why}; frames that it stops would be analysed without it: "
        f"remove it with sonoedge teach-scope {as_argument(bundle.folder)} --remove-all, and "
        "teach again"
    )
