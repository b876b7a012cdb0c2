"""May this bundle run here, at its security version: by the floor, or by a grant below it?

Reading a bundle asks; only running it uses a grant up, so that to look at an old bundle costs
nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sonoedge.errors import NotThisDevice, RollbackRefused
from sonoedge.trust.grant import Grant
from sonoedge.trust.policy import TrustPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Why a bundle may run at its security version.

    Attributes:
        product: the bundle's name.
        floor: the lowest security version of it that may run here without a grant.
        grant: by which it runs below the floor; None where it is at the floor or above.
    """

    product: str
    floor: int
    grant: Grant | None = None


def admit(payload: bytes, product: str, security_version: int, policy: TrustPolicy) -> Admission:
    """Whether a bundle may run here at its security version.

    Args:
        payload: the manifest's bytes, whose signatures hold.

    Raises:
        RollbackRefused: it is below the floor, and no grant that was not used allows it.
        NotThisDevice: the grant for it is another device's.
        TrustError: floors or grants cannot be read.
    """
    floor = policy.floor(product)
    if security_version >= floor:
        return Admission(product=product, floor=floor)
    refusal = (
        f"the bundle has security version {security_version}; this device runs {floor} or newer "
        f"of {product!r}"
    )
    if policy.grants is None or policy.keyring is None:
        raise RollbackRefused(refusal)
    sha256 = hashlib.sha256(payload).hexdigest()
    try:
        grant = policy.grants.find(sha256, product, policy.keyring)
    except (NotThisDevice, RollbackRefused) as error:
        raise type(error)(f"{refusal}; {error}") from None
    return Admission(product=product, floor=floor, grant=grant)


def use_grant(admission: Admission | None, policy: TrustPolicy) -> None:
    """Use up the grant that a bundle runs by, where it does; before it runs.

    Raises:
        RollbackRefused: it was used meanwhile.
        TrustError: it cannot be recorded.
    """
    if admission is not None and admission.grant is not None and policy.grants is not None:
        policy.grants.use(admission.grant, admission.product)


def settle_grants(admission: Admission | None, policy: TrustPolicy) -> None:
    """End the grant of a bundle that went before, now that one at the floor or above runs.

    A store may still fall back: it calls this when the new bundle is marked good, and whoever
    opens a store's bundle does not.

    Raises:
        TrustError: it cannot be recorded.
    """
    if admission is not None and admission.grant is None and policy.grants is not None:
        policy.grants.settle(admission.product)
