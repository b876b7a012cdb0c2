"""A live session's figures as Prometheus text: counts, states, ages and times, and no names."""

from sonoedge.metrics.exposition import exposition
from sonoedge.metrics.port import MetricsPort
from sonoedge.metrics.session_metrics import SessionMetrics
from sonoedge.metrics.textfile import MetricsFile
from sonoedge.metrics.times import FrameTimes

__all__ = ["FrameTimes", "MetricsFile", "MetricsPort", "SessionMetrics", "exposition"]
