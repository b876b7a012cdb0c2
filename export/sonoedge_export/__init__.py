"""The workstation side: a trained network becomes a bundle."""

from sonoedge.telemetry import disable_telemetry

disable_telemetry()  # before any module of this package imports an engine
