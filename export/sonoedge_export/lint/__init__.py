"""What an engine's parser would say of a graph, said before the graph leaves the workstation."""

from sonoedge_export.lint.lint import Verdict, lint
from sonoedge_export.lint.rule import Finding, Rule
from sonoedge_export.lint.rules import RULES

__all__ = ["RULES", "Finding", "Rule", "Verdict", "lint"]
