"""Pictures from a command's output, such as gst-launch or ffmpeg.

Bytes do not say how wide a picture is. Of GStreamer its size is demanded within the pipeline
itself (`gstreamer`); whatever else runs writes it before each picture (`netpbm`).
"""

from sonoedge.sources.pipe.command import PipeCommand, command_from
from sonoedge.sources.pipe.pictures import pipe

__all__ = ["PipeCommand", "command_from", "pipe"]
