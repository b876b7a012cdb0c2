"""Every error that sonoedge raises, in one tree.

Each class has a stable `token` for machines, an `exit_code` for the command line,
and a message that says what happened and what to do. Exit codes: 1 unexpected,
2 the caller's input, 3 a gate failed, 4 something needed is missing, 5 a bundle
or an engine cannot be trusted, 6 a source failed,
7 not one frame could be analysed, or not every report was stored.
"""

from __future__ import annotations

from typing import ClassVar


class SonoedgeError(Exception):
    """Any error of sonoedge."""

    token: ClassVar[str] = "SONOEDGE_ERROR"
    exit_code: ClassVar[int] = 1


class InvalidSettings(SonoedgeError, ValueError):
    """A setting is unknown, of the wrong type, or out of range."""

    token = "INVALID_SETTINGS"
    exit_code = 2


class InvalidRecipe(InvalidSettings):
    """A recipe cannot be used; the message names the key and what is allowed."""

    token = "INVALID_RECIPE"


class InvalidData(SonoedgeError, ValueError):
    """Labelled frames cannot be read or do not fit together."""

    token = "INVALID_DATA"
    exit_code = 2


class InvalidCalibration(InvalidData):
    """Calibration frames would mislead: too few, repeated, or among those that judge."""

    token = "INVALID_CALIBRATION"


class InvalidRecording(SonoedgeError, ValueError):
    """A recording is damaged, incomplete, or of a newer sonoedge."""

    token = "INVALID_RECORDING"
    exit_code = 2


class InvalidSource(SonoedgeError, ValueError):
    """A file of frames is not one that a report can be made of, or be blanked for."""

    token = "INVALID_SOURCE"
    exit_code = 2


class InvalidNetwork(SonoedgeError):
    """A network cannot be loaded, or its outputs are not what the recipe says."""

    token = "INVALID_NETWORK"
    exit_code = 2


class GateFailed(SonoedgeError):
    """No variant passed its gates; nothing was written."""

    token = "GATE_FAILED"
    exit_code = 3


class PruningRefused(SonoedgeError):
    """Pruning cannot reach its target, or makes the network no faster."""

    token = "PRUNING_REFUSED"
    exit_code = 3


class ReplayDiffers(SonoedgeError):
    """A recording, analysed again, gave other results than it did when it was recorded."""

    token = "REPLAY_DIFFERS"
    exit_code = 3


class ScopeRefused(SonoedgeError):
    """A scope cannot be taught by these frames: others would be stopped, or these would not."""

    token = "SCOPE_REFUSED"
    exit_code = 3


class ExplanationRefused(SonoedgeError):
    """A map is not drawn: it tells no more of the suspicion than chance does."""

    token = "EXPLANATION_REFUSED"
    exit_code = 3


class MissingDependency(SonoedgeError, ImportError):
    """A package is not installed; the message carries the command that installs it."""

    token = "MISSING_DEPENDENCY"
    exit_code = 4


class RuntimeUnavailable(SonoedgeError):
    """An engine is installed but cannot run on this machine."""

    token = "RUNTIME_UNAVAILABLE"
    exit_code = 4


class EmbeddingMissing(SonoedgeError):
    """A bundle's graphs have no embedding, which teaching a scope needs."""

    token = "EMBEDDING_MISSING"
    exit_code = 4


class BundleError(SonoedgeError):
    """A bundle cannot be used."""

    token = "BUNDLE_ERROR"
    exit_code = 5


class BundleNotFound(BundleError, FileNotFoundError):
    """There is no bundle at the path given."""

    token = "BUNDLE_NOT_FOUND"


class InvalidManifest(BundleError):
    """manifest.json is not a manifest that this version reads."""

    token = "INVALID_MANIFEST"


class DigestMismatch(BundleError):
    """A file is not the one that the manifest names: damaged, replaced or missing."""

    token = "DIGEST_MISMATCH"


class UnsafeContent(BundleError):
    """A bundle holds what could mislead, stop or exhaust its reader.

    Such as a link, a pipe, a file of another kind than its name tells, a picture that unpacks
    to gigabytes, or a graph whose weights lie in a file that has no digest.
    """

    token = "UNSAFE_CONTENT"


class TrustError(BundleError):
    """A bundle, keyring or grant is not vouched for by whom this device trusts."""

    token = "TRUST_ERROR"


class SignatureMissing(TrustError):
    """A bundle is not signed, and this device takes only signed ones."""

    token = "SIGNATURE_MISSING"


class SignatureInvalid(TrustError):
    """A signed envelope is damaged, of another kind, or not signed by enough trusted keys."""

    token = "SIGNATURE_INVALID"


class KeyUnknown(TrustError):
    """A bundle is signed, but by no key that this device knows for this product."""

    token = "KEY_UNKNOWN"


class KeyRevoked(TrustError):
    """A bundle is signed by a key that was revoked, or is blocked itself."""

    token = "KEY_REVOKED"


class RollbackRefused(TrustError):
    """A bundle, or a keyring, is older than what this device must not go behind."""

    token = "ROLLBACK_REFUSED"


class NotThisDevice(TrustError):
    """A grant lets another device go back to an older bundle, not this one."""

    token = "NOT_THIS_DEVICE"


class BelowDeviceBar(TrustError):
    """A bundle's guard, thresholds or tracking are laxer than its device allows."""

    token = "BELOW_DEVICE_BAR"


class VariantNotFound(BundleError):
    """The bundle holds no variant as asked for."""

    token = "VARIANT_NOT_FOUND"
    exit_code = 2


class SbomNotFound(BundleError):
    """The bundle has no bill of materials."""

    token = "SBOM_NOT_FOUND"
    exit_code = 2


class GoldenMismatch(BundleError):
    """The loaded engine answers differently from the bundle's golden answers."""

    token = "GOLDEN_MISMATCH"


class EngineMismatch(BundleError):
    """An engine that was built on a device is not the one for this device and bundle.

    Attributes:
        expected, actual: what it was to be, and what it is.
        command: what mends it.
    """

    token = "ENGINE_MISMATCH"

    def __init__(
        self, message: str, *, expected: str = "", actual: str = "", command: str = ""
    ) -> None:
        super().__init__(message)
        self.expected, self.actual, self.command = expected, actual, command


class ScopeMismatch(BundleError):
    """What a device was taught is damaged, edited, or was taught for another bundle."""

    token = "SCOPE_MISMATCH"


class UnlistedLibrary(SonoedgeError):
    """Code runs that belongs to no known part, or is not what its part installed."""

    token = "UNLISTED_LIBRARY"
    exit_code = 5


class NoGoodBundle(BundleError):
    """A store has no bundle that may run here: none is active, or none that is passes."""

    token = "NO_GOOD_BUNDLE"


class BundleBlocked(BundleError):
    """A store takes a bundle no more: it failed as often as one may."""

    token = "BUNDLE_BLOCKED"


class StoreError(SonoedgeError):
    """A store of bundles cannot be used: no store, not writable, too full, or its state damaged."""

    token = "STORE_ERROR"
    exit_code = 2


class EngineFailed(SonoedgeError):
    """An engine could not be loaded, or failed while running."""

    token = "ENGINE_FAILED"
    exit_code = 5


class EngineCrashed(EngineFailed):
    """An engine's process died, or did not answer in time, before it was ready."""

    token = "ENGINE_CRASHED"


class EngineBuildFailed(EngineFailed):
    """An engine could not be built: the graph was refused, or the builder failed or died."""

    token = "ENGINE_BUILD_FAILED"


class EngineLost(EngineFailed):
    """The accelerator's context is gone: only a new process can use it again."""

    token = "ENGINE_LOST"


class ServiceError(SonoedgeError):
    """A service cannot listen where it was asked to."""

    token = "SERVICE_ERROR"
    exit_code = 2


class SwitchRefused(SonoedgeError):
    """A live session cannot switch bundles at this moment; it runs on as it was."""

    token = "SWITCH_REFUSED"
    exit_code = 2


class Forked(SonoedgeError):
    """A live session was used in a fork of its process; start one there instead."""

    token = "FORKED"


class Closed(SonoedgeError):
    """The object was closed; open the bundle again."""

    token = "CLOSED"


class SourceError(SonoedgeError):
    """A source of frames cannot be opened or read."""

    token = "SOURCE_ERROR"
    exit_code = 6


class SourceCrashed(SourceError):
    """The process that decodes a file died of it, or did not answer in time."""

    token = "SOURCE_CRASHED"


class StreamRefused(SourceError):
    """A live peer sent what is not read, or nothing in time; its connection is closed.

    Attributes:
        why: a stable token, such as BAD_CHECKSUM; the message begins with it.
    """

    token = "STREAM_REFUSED"

    def __init__(self, why: str, message: str = "") -> None:
        super().__init__(f"{why}: {message}" if message else why)
        self.why = why


class NothingAnalysed(SonoedgeError):
    """Every frame of a source was refused; the message says why, and what may help."""

    token = "NOTHING_ANALYSED"
    exit_code = 7


class NotDelivered(SonoedgeError):
    """Not every instance of a report was stored; sending it again is safe."""

    token = "NOT_DELIVERED"
    exit_code = 7


class AuditBroken(SonoedgeError):
    """An audit log is not what was written: changed, cut, out of order, or without its key."""

    token = "AUDIT_BROKEN"
    exit_code = 3


class ItemsFailed(SonoedgeError):
    """Items of an archive gave no complete result; the others did, and are written."""

    token = "ITEMS_FAILED"
    exit_code = 3


class DriftFound(SonoedgeError):
    """What a device or an archive shows or answers has moved as far as was asked to be told."""

    token = "DRIFT_FOUND"
    exit_code = 3


class ScreeningStopped(SonoedgeError):
    """This machine or cluster cannot go on screening; called again, it goes on where it stopped.

    Such as a full disk, a worker with other versions, or a scheduler that is gone. It says
    nothing of any item.
    """

    token = "SCREENING_STOPPED"
    exit_code = 4


class OutputError(SonoedgeError):
    """A result cannot be written where it was asked for."""

    token = "OUTPUT_ERROR"
    exit_code = 2
