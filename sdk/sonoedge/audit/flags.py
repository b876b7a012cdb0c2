"""When a flag goes up, as numbers: of a track over frames, or of a frame where nothing tracks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sonoedge.analysis import Analysed
from sonoedge.audit.kinds import Value


class Flags:
    """Remembers, for each stream, which flags are up. One thread at a time."""

    def __init__(self) -> None:
        self._streams: dict[str | None, int] = {}
        self._tracks: dict[int, frozenset[int]] = {}
        self._up: dict[int, bool] = {}

    def raised(self, analysis: Analysed) -> Iterator[tuple[str, Mapping[str, Value]]]:
        """The flags that this frame has put up, as kinds and values of records.

        A stream is told by its number, in the order in which streams came: its name is text of
        the host's.
        """
        stream = self._streams.setdefault(analysis.stream, len(self._streams))
        where = {"stream": stream, "frame": analysis.frame_id}
        regions = sum(bool(region.flagged) for region in analysis.regions)
        tracks = frozenset(
            int(region.track_id)
            for region in analysis.regions
            if region.track_flagged and region.track_id is not None
        )
        new = sorted(tracks - self._tracks.get(stream, frozenset()))
        up = analysis.flagged if analysis.temporal_flag is None else analysis.temporal_flag
        rises = up and not self._up.get(stream, False)
        self._tracks[stream], self._up[stream] = tracks, up
        for track in new:
            yield "flag", {**where, "track": track, "regions": regions}
        if rises and not new:  # nothing tracks, or the frame is graded as a whole
            yield "frame_flag", {**where, "regions": regions}
