"""What a bundle's provision result says, in lines for a person."""

from __future__ import annotations

from collections.abc import Iterator

from sonoedge.bundle import Bundle
from sonoedge.bundle.location import as_argument
from sonoedge.device.store import UNBOUND, Absent, ProvisionResult, Unusable, busy_note


def describe_provision(provision: ProvisionResult, bundle: Bundle) -> Iterator[str]:
    """Where the result is from, whether it is used, and a line per variant and runtime."""
    if isinstance(provision, Absent):
        command = f"sonoedge provision {as_argument(bundle.folder)}"
        yield f"not provisioned on this device; run: {command}"
        return
    if isinstance(provision, Unusable):
        yield f"{provision.why}; it is not used"
        return
    yield f"provisioned {provision.provision.created}, on {provision.provision.box.cpu}"
    if provision.other_machine:
        yield f"its times are not used here: {provision.other_machine}"
    elif provision.provision.busy:
        yield busy_note(provision.provision, bundle)
    for result in provision.provision.results:
        times = "" if result.timing is None else f", p50 {result.timing.p50_ms:.2f} ms"
        why = f": {result.why}" if result.why else ""
        yield f"{result.variant} on {result.runtime}: {result.status}{times}{why}"
        yield from (f"  {note}" for note in result.notes())
        if result.engine is not None and bundle.device_key is None:
            yield f"  {UNBOUND}"
