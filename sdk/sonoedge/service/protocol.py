"""What service and client say to each other: the one table.

Numbers of states, reasons and refusals stand in `codes.py`.

`docs/reference/protocol.md`, the constants of `sdk/c/sonoedge.h`, the words of
`sdk/c/common/words.c` and `sdk/c/client/wire.h` are checked against it by tests.

One connection is a SOCK_SEQPACKET socket: each message is one packet, little-endian, without
padding. Pixels never pass through it: they lie in a ring that the service makes (`ring.py`).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MAGIC: Final = 0x45474E53  # "SNGE"
VERSION: Final = 1  # the lowest and the highest that this service speaks

# Bounds, on both sides of the socket.
MAX_MESSAGE: Final = 196_608  # bytes; one packet is at most SO_SNDBUF - 32, 212,960 by default
MAX_SIDE: Final = 8192
MAX_REGIONS: Final = 256
MAX_POINTS: Final = 2048  # of one contour
MAX_LABELS: Final = 64
MAX_REASONS: Final = 8
MAX_TEXT: Final = 255  # bytes of a name or a sentence, without C's end
SLOTS: Final = 4
SLOT_BYTES: Final = 32 << 20  # one frame; memory is taken only as frames fill it
PAGE_BYTES: Final = 4096
MAX_CLIENTS: Final = 16
HELLO_S: Final = 5.0  # in which a client must have said hello


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message.

    Attributes:
        name: as in the C layout.
        code: as `struct` has it: "I", "Q", "q", "d", "4i", ...
        meaning: for the documentation.
    """

    name: str
    code: str
    meaning: str


class Layout:
    """The fixed part of a message, or of a part of one that repeats."""

    def __init__(self, name: str, kind: int, meaning: str, *fields: tuple[str, str, str]) -> None:
        head = (("kind", "I", f"{kind}"),) if kind else ()
        self.name, self.kind, self.meaning = name, kind, meaning
        self.fields = tuple(Field(*each) for each in (*head, *fields))
        self.struct = struct.Struct("<" + "".join(field.code for field in self.fields))
        self.size = self.struct.size

    @property
    def offsets(self) -> Mapping[str, int]:
        """Where each field begins, in bytes."""
        offsets, codes = {}, "<"
        for field in self.fields:
            offsets[field.name] = struct.calcsize(codes)
            codes += field.code
        return offsets


HELLO: Final = Layout(
    "hello",
    1,
    "the client's first message; behind it the stream's name",
    ("magic", "I", "0x45474E53"),
    ("lowest", "H", "lowest version that the client speaks"),
    ("highest", "H", "highest one"),
    ("stream_bytes", "H", "of the stream's name, UTF-8; 0: the service makes one up"),
    ("reserved", "H", "0"),
)
FRAME: Final = Layout(
    "frame",
    2,
    "a frame lies in the ring; behind it the probe's and the preset's name",
    ("slot", "I", "of the ring: (seq - 1) modulo the number of slots"),
    ("seq", "Q", "of this connection's frames: 1, 2, 3, ..."),
    ("frame_id", "Q", "the client's, given back with the result"),
    ("acknowledged", "Q", "highest number of a result or state that was read; 0: none"),
    ("captured_ns", "q", "CLOCK_MONOTONIC at capture"),
    ("width", "I", "pixels, 1 to 8192"),
    ("height", "I", "pixels, 1 to 8192"),
    ("format", "I", "1: grey, 1 byte a pixel; 2: blue, green, red; rows touch"),
    ("flags", "I", "1: frozen by the operator; 2: no valid picture"),
    ("spacing_row_mm", "d", "from a row to the next; both 0: not known"),
    ("spacing_column_mm", "d", "from a column to the next"),
    ("pixel_aspect", "d", "width of a pixel over its height; 0: not known"),
    ("depth_mm", "d", "imaging depth; 0: not known"),
    ("gain_db", "d", "overall gain; NaN: not known"),
    ("roi", "4i", "x0, y0, x1, y1 of the picture within the pixels; all 0: not known"),
    ("probe_bytes", "H", "of the probe's name; 0: not known"),
    ("preset_bytes", "H", "of the preset's name; 0: not known"),
    ("reserved", "I", "0"),
)
ACK: Final = Layout(
    "ack",
    3,
    "results and states were read",
    ("reserved", "I", "0"),
    ("acknowledged", "Q", "as in a frame"),
)
WELCOME: Final = Layout(
    "welcome",
    101,
    "answers hello, with two descriptors: the ring and the page; behind it the labels, each as "
    "its length (16 bits) and its text",
    ("magic", "I", "0x45474E53"),
    ("version", "H", "that both speak from now on"),
    ("labels", "H", "how many labels follow"),
    ("slots", "I", "of the ring"),
    ("slot_bytes", "I", "of one slot"),
    ("reserved", "I", "0"),
    ("flag_threshold", "d", "suspicion from which a region is flagged"),
)
RESULT: Final = Layout(
    "result",
    102,
    "a frame's outcome; behind it the frame's probabilities (64-bit floats), the regions, each "
    "with its probabilities, all contours (16-bit x, y), the reasons (16 bits each), the detail",
    (
        "flags",
        "I",
        "1: analysed; 2: flagged; 4: there is a temporal flag; 8: it is raised; 16: "
        "localised; 32: there is a suspicion",
    ),
    ("number", "Q", "to be acknowledged"),
    ("frame_id", "Q", "as the frame had it"),
    ("seq", "Q", "the frame's; frames before it that had no result were superseded"),
    ("captured_ns", "q", "of the frame"),
    ("valid_until_ns", "q", "later than this it must not be shown as live"),
    ("age_ms", "d", "from capture to this result"),
    ("suspicion", "d", "highest of the regions', or the frame's"),
    ("regions", "H", "how many follow"),
    ("reasons", "H", "how many follow"),
    ("labels", "H", "how many probabilities the frame has"),
    ("region_labels", "H", "how many each region has"),
    ("detail_bytes", "H", "of the sentence"),
    ("reserved", "3H", "0"),
)
REGION: Final = Layout(
    "region",
    0,
    "one region of a result; its probabilities follow",
    ("box", "4i", "x0, y0, x1, y1 in source pixels; x1 and y1 exclusive"),
    ("track_id", "q", "the same region over frames; -1: nothing tracks"),
    ("area_px", "d", "square source pixels"),
    ("area_mm2", "d", "square millimetres, with flag 4"),
    ("width_mm", "d", "millimetres, with flag 4"),
    ("height_mm", "d", "millimetres, with flag 4"),
    ("suspicion", "d", "0 to 1"),
    ("points", "I", "of its contour"),
    ("flags", "I", "1: flagged; 2: its track is; 4: sizes in millimetres; 8: contour thinned"),
)
STATE: Final = Layout(
    "state",
    103,
    "the session's state has changed; behind it five texts",
    ("state", "I", "see the table of states"),
    ("number", "Q", "to be acknowledged"),
    ("reasons_bytes", "H", "tokens with a blank between"),
    ("bundle_bytes", "H", "the bundle's id"),
    ("runtime_bytes", "H", "the engine's name"),
    ("precision_bytes", "H", "its precision"),
    ("variant_bytes", "H", "the variant's id"),
    ("reserved", "3H", "0"),
)
REFUSED: Final = Layout(
    "refused",
    104,
    "the last message of a connection that the service ends; behind it a sentence",
    ("token", "I", "see the table of refusals"),
    ("text_bytes", "H", "of the sentence"),
    ("reserved", "H", "0"),
)
FROM_CLIENT: Final = (HELLO, FRAME, ACK)
FROM_SERVICE: Final = (WELCOME, RESULT, REGION, STATE, REFUSED)

# Words of 64 bits at the beginning of the page that the service alone can write.
PAGE: Final[Mapping[str, tuple[int, str]]] = {
    "valid_until_ns": (0, "CLOCK_MONOTONIC until which the analysis may be relied on"),
    "taken": (8, "highest seq of a frame whose slot is free again"),
    "state": (16, "as in the message state, at this moment"),
}
