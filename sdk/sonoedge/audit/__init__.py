"""A log of what a device did, that nobody can change unseen and no patient is in.

JSON Lines in one hash chain, sealed under a key that is forgotten at each seal. What may be
recorded is an allow-list of kinds and keys; free text has no type in it.
"""

from sonoedge.audit.chain import Anchor, parse_anchor
from sonoedge.audit.creation import create_log
from sonoedge.audit.kinds import KINDS
from sonoedge.audit.log import AuditLog
from sonoedge.audit.seal import SealKey, first_key
from sonoedge.audit.updates import record_update
from sonoedge.audit.verify import Verified, verify_log

__all__ = [
    "KINDS",
    "Anchor",
    "AuditLog",
    "SealKey",
    "Verified",
    "create_log",
    "first_key",
    "parse_anchor",
    "record_update",
    "verify_log",
]
