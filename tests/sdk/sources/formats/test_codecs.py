"""sources/formats/codecs.py"""

from __future__ import annotations

import re

from sonoedge.sources.formats import codecs


def test_the_options_name_the_list_one_decoder_and_files_alone() -> None:
    given = dict(pair.split(";", 1) for pair in codecs.options("mjpeg").split("|"))
    assert given["codec_whitelist"].split(",") == list(codecs.DECODERS)
    assert given["video_codec"] == "mjpeg"
    assert given["protocol_whitelist"] == "file"


def test_decoders_are_named_once_and_none_is_one_with_a_known_fault() -> None:
    assert len(set(codecs.DECODERS)) == len(codecs.DECODERS)
    assert all(re.fullmatch(r"\w+", name) for name in codecs.DECODERS)
    assert "magicyuv" not in codecs.DECODERS


def test_what_ffmpeg_refused_is_named_once_and_sound_is_not() -> None:
    log = (
        b"[magicyuv @ 0x55] Codec (magicyuv) not on whitelist 'h264'\n"
        b"[aac @ 0x56] Codec (aac) not on whitelist 'h264'\n"
        b"[magicyuv @ 0x55] Codec (magicyuv) not on whitelist 'h264'\n"
    )
    assert codecs.refused(log) == ("magicyuv",)
    assert codecs.refused(b"[mjpeg @ 0x55] Codec type or id mismatches\n") == ()
