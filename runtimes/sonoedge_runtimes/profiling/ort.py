"""ONNX Runtime with its profiler."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sonoedge.errors import EngineFailed
from sonoedge_runtimes.ort import OnnxRuntime
from sonoedge_runtimes.profiling import LayerTime, summed

SUFFIX = "_kernel_time"


class ProfiledOnnxRuntime(OnnxRuntime):
    """`OnnxRuntime` that notes each node's time in a file of its own."""

    def __init__(
        self,
        model: bytes,
        *,
        precision: str,
        threads: int | None,
        weights: bytes | None = None,
        spin: bool = False,
    ) -> None:
        self._folder = TemporaryDirectory(prefix="sonoedge-profile-")
        try:
            super().__init__(
                model, precision=precision, threads=threads, weights=weights, spin=spin
            )
        except BaseException:
            self._folder.cleanup()
            raise

    def layer_times(self, *, skip: int) -> tuple[LayerTime, ...]:
        """Of all calls but the first `skip`; the engine is closed then.

        Raises:
            EngineFailed: it is closed already.
        """
        if self._session is None:
            raise EngineFailed("this engine is closed")
        events = json.loads(Path(self._session.end_profiling()).read_text(encoding="utf-8"))
        self.close()
        return summed(_rows(events, skip))

    def close(self) -> None:
        """Drop the session and the file; closing twice is harmless."""
        super().close()
        self._folder.cleanup()

    def _options(self, threads: int | None, spin: bool) -> Any:
        options = super()._options(threads, spin)
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(self._folder.name) / "ort")
        return options


def _rows(events: list[dict[str, Any]], skip: int) -> list[tuple[str, str, str, float]]:
    """The kernels' events of all runs but the first `skip`."""
    runs = sorted(e["ts"] for e in events if e["name"] == "model_run")
    if len(runs) <= skip:
        return []
    return [
        (e["name"].removesuffix(SUFFIX), e["args"]["op_name"], "", e["dur"] / 1000)
        for e in events
        if e["cat"] == "Node" and e["name"].endswith(SUFFIX) and e["ts"] >= runs[skip]
    ]
