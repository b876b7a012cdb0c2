"""What a variant must keep of the trained network to be shipped: limits, and the verdict."""

from sonoedge.bundle import Gates
from sonoedge_export.gates.judge import judge, judge_pruned
from sonoedge_export.gates.verdict import GateResult, Verdict

__all__ = ["GateResult", "Gates", "Verdict", "judge", "judge_pruned"]
