"""Whether a bundle works on this device: asked in a process of its own, which may die of it."""

from sonoedge.store.health.limits import HealthLimits
from sonoedge.store.health.report import HealthReport
from sonoedge.store.health.self_test import SelfTest, self_test

__all__ = ["HealthLimits", "HealthReport", "SelfTest", "self_test"]
