"""What `sonoedge inspect` tells of a bundle's origin: signatures, floor, grant, unlisted files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sonoedge.bundle import Bundle
from sonoedge.bundle.reading import OpenFolder
from sonoedge.bundle.unlisted import unlisted_files
from sonoedge.errors import BundleError, TrustError
from sonoedge.outputs.wording import counted
from sonoedge.settings import plain
from sonoedge.trust.envelope import MOST_BYTES
from sonoedge.trust.manifest_signature import ENVELOPE
from sonoedge.trust.policy import TrustPolicy
from sonoedge.trust.signature_report import MEANING, SignatureReport, signature_report

SHOWN_FILES: Final = 8


def trust_summary(bundle: Bundle, policy: TrustPolicy) -> dict[str, Any]:
    """For `--json`, of a bundle that the policy takes."""
    admission = bundle.vouched.admission
    return {
        "signed": bundle.vouched.signed,
        "vouched_by": sorted(key.id for key in bundle.vouched.keys),
        "signature": plain(_report(bundle.open_folder, policy, bundle.manifest.name)),
        "floor": None if admission is None else admission.floor,
        "grant": None if admission is None else plain(admission.grant),
        "unlisted_files": list(unlisted_files(bundle.open_folder, bundle.manifest)),
    }


def trust_lines(bundle: Bundle, policy: TrustPolicy) -> list[str]:
    """For a person, of a bundle that the policy takes."""
    report = _report(bundle.open_folder, policy, bundle.manifest.name)
    return [
        *_signature_lines(report),
        f"  security        version {bundle.manifest.security_version}; {_floor(bundle)}",
        *_unlisted_lines(unlisted_files(bundle.open_folder, bundle.manifest)),
    ]


def refusal_summary(folder: Path, refusal: TrustError, policy: TrustPolicy) -> dict[str, Any]:
    """For `--json`, of a bundle that the policy refuses: nothing of its manifest is shown."""
    return {
        "refused": {"token": refusal.token, "message": str(refusal)},
        "signature": plain(_refused_report(folder, policy)),
    }


def refusal_lines(folder: Path, policy: TrustPolicy) -> list[str]:
    """For a person, of a bundle that the policy refuses."""
    return [
        "refused by this device's trust policy",
        *_signature_lines(_refused_report(folder, policy)),
    ]


def _refused_report(folder: Path, policy: TrustPolicy) -> SignatureReport:
    """Without a product: it stands in the manifest, which may not be believed."""
    try:
        return _report(OpenFolder(folder), policy, None)
    except BundleError:  # its envelope is a pipe, say: the refusal tells
        return signature_report(None, policy)


def _report(folder: OpenFolder, policy: TrustPolicy, product: str | None) -> SignatureReport:
    return signature_report(folder.read_if_there(ENVELOPE, MOST_BYTES), policy, product)


def _signature_lines(report: SignatureReport) -> list[str]:
    if not report.signed:
        needed = "" if report.threshold is None else "; this device runs signed bundles only"
        return [f"  signature       unsigned: nobody vouches for this bundle{needed}"]
    counting = len({s.key_id for s in report.signatures if s.state == "counts"})
    if report.threshold is None and not report.signatures:
        head = f"{ENVELOPE} cannot be read, and no keyring is installed"
    elif report.threshold is None:
        head = "signed, but no keyring is installed that could check it"
    else:
        head = (
            f"{counted(counting, 'key')} of {report.threshold} needed, by keyring version "
            f"{report.keyring_version}"
        )
    lines = [f"  signature       {head}"]
    return lines + [f"    {s.key_id[:16]:<16}  {MEANING[s.state]}" for s in report.signatures]


def _floor(bundle: Bundle) -> str:
    admission = bundle.vouched.admission
    if admission is None:
        return "no keyring is installed, so that older bundles run as well"
    floor = f"this device runs {admission.floor} or newer"
    if admission.grant is None:
        return floor
    return f"{floor}, and this one by grant {admission.grant.counter}"


def _unlisted_lines(paths: tuple[str, ...]) -> list[str]:
    if not paths:
        return []
    more = f", and {len(paths) - SHOWN_FILES} more" if len(paths) > SHOWN_FILES else ""
    return [
        f"  unlisted        {counted(len(paths), 'file')} that no digest covers, never read, and "
        "refused at installation:",
        f"    {', '.join(paths[:SHOWN_FILES])}{more}",
    ]
