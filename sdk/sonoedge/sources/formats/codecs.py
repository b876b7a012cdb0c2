"""Which codecs of video files are read, and how FFmpeg is held to them.

Every decoder is code that a file reaches. What scanners and recorders write is read, the
rest of FFmpeg's few hundred is not: a rare decoder is where a fault stays unseen (MagicYUV's,
CVE-2026-8461).
"""

from __future__ import annotations

import re
from typing import Final

# FFmpeg's names of decoders, in the order in which they are tried: frequent ones first.
# None decodes sound or subtitles: of those no decoder runs.
DECODERS: Final = (
    *("h264", "mjpeg", "mpeg4", "hevc", "rawvideo", "mpeg2video", "mpeg1video", "gif"),
    *("wmv1", "wmv2", "wmv3", "vc1", "msmpeg4", "msmpeg4v2", "msmpeg4v1"),
    *("vp8", "vp9", "libdav1d", "ffv1", "huffyuv", "ffvhuff"),
)
READ: Final = (
    "H.264, HEVC, MPEG-1, MPEG-2, MPEG-4, Motion JPEG, Windows Media, VP8, VP9, AV1 (where "
    "OpenCV's FFmpeg has dav1d), FFV1, HuffYUV, raw pictures and GIF"
)
# Where OpenCV takes options of FFmpeg's from.
VARIABLE: Final = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
# A playlist in the clothes of a video must not reach for addresses. FFmpeg opens decoders
# and decodes frames while it still looks what a file holds: it obeys codec_whitelist there.
OPTIONS: Final = f"protocol_whitelist;file|codec_whitelist;{','.join(DECODERS)}"
# With either, FFmpeg's errors are hidden or go elsewhere: frames that could not be converted,
# and codecs that were refused, are told of nowhere else.
HIDING: Final = ("OPENCV_FFMPEG_DEBUG", "OPENCV_FFMPEG_LOGLEVEL")

_REFUSED: Final = re.compile(rb"Codec \((\w{1,32})\) not on whitelist")
_NO_PICTURES: Final = re.compile(
    r"aac|ac3|adpcm|alac|amr|ass$|dca|dvbsub|dvdsub|eac3|flac|gsm|mov_text|mp[123]|opus|pcm|"
    r"pgssub|speex|srt|ssa|subrip|text|truehd|vorbis|webvtt|wma"
)


def options(decoder: str) -> str:
    """OpenCV's options for a file that this decoder, and no other one, may decode.

    OpenCV opens the decoder itself and knows no list: told which one to use, it fails for a
    stream of another codec before that has run.
    """
    return f"{OPTIONS}|video_codec;{decoder}"


def refused(log: bytes) -> tuple[str, ...]:
    """The codecs of pictures that FFmpeg says it refused, by its names, each once."""
    names = dict.fromkeys(name.decode() for name in _REFUSED.findall(log))
    return tuple(name for name in names if not _NO_PICTURES.match(name))
