"""Bundles on a device: installed whole, tested before they run, given up when they fail."""

from sonoedge.store.activating import Activation, activate, check_health, fall_back, mark_good
from sonoedge.store.health import HealthLimits, HealthReport, SelfTest, self_test
from sonoedge.store.installing import install_bundle
from sonoedge.store.locking import Lease
from sonoedge.store.recovering import Recovery, recover
from sonoedge.store.removing import Removal, collect_garbage
from sonoedge.store.resolving import resolve
from sonoedge.store.starting import start
from sonoedge.store.state import FallBack, State, state_schema
from sonoedge.store.status import InstalledBundle, StoreStatus, read_status, verify_store

__all__ = [
    "Activation",
    "FallBack",
    "HealthLimits",
    "HealthReport",
    "InstalledBundle",
    "Lease",
    "Recovery",
    "Removal",
    "SelfTest",
    "State",
    "StoreStatus",
    "activate",
    "check_health",
    "collect_garbage",
    "fall_back",
    "install_bundle",
    "mark_good",
    "read_status",
    "recover",
    "resolve",
    "self_test",
    "start",
    "state_schema",
    "verify_store",
]
