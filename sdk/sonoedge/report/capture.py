"""The picture series for people: a Multi-frame True Color Secondary Capture.

Importing this module needs highdicom. It asks nothing of a viewer but to show pictures.
"""

from __future__ import annotations

from typing import Any, Final

from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit

from sonoedge.analysis import Analysis
from sonoedge.errors import InvalidSource
from sonoedge.frames import Frame
from sonoedge.report import codes
from sonoedge.report.findings import Findings
from sonoedge.report.instance import item, new_instance
from sonoedge.report.picture import draw_picture, encoded
from sonoedge.report.source import SourceImage
from sonoedge.report.sr import concept

CLASS: Final = "1.2.840.10008.5.1.4.1.1.7.4"
SERIES: Final = 903
MOST_BYTES: Final = 1 << 29


class Capture:
    """Draws a recording's pictures as they are analysed.

    Args:
        frames: of the file.
        maker: what analysed, for people.
        blank: leave out what lies outside the tissue region.
    """

    def __init__(self, *, frames: int, maker: str, blank: bool = False) -> None:
        self._frames, self._maker, self._blank = frames, maker, blank
        self._pictures: list[bytes] = []
        self._size, self._bytes, self._raw = (0, 0), 0, 0

    def add(self, number: int, frame: Frame, analysis: Analysis) -> None:
        """Draw one picture.

        Raises:
            InvalidSource: it cannot be blanked, has another size than the first, or is one
                more than fit into an instance.
        """
        picture = draw_picture(
            frame,
            analysis,
            number=number,
            frames=self._frames,
            maker=self._maker,
            blank=self._blank,
        )
        if self._pictures and picture.shape[:2] != self._size:
            raise InvalidSource("the pictures have different shapes; leave --overlay out")
        self._size = picture.shape[0], picture.shape[1]
        self._pictures.append(encoded(picture))
        self._raw += picture.size
        self._bytes += len(self._pictures[-1])
        if self._bytes > MOST_BYTES:
            raise InvalidSource(
                f"the recording's pictures take more than {MOST_BYTES >> 20} MiB; leave "
                "--overlay out, or report on a part of it"
            )

    def instance(self, source: SourceImage, findings: Findings, fps: float | None) -> Any:
        """All of them as one instance, a data set that can be saved.

        Args:
            fps: pictures per second; None where nobody knows.
        """
        made = new_instance(
            source,
            findings,
            title="Overlay",
            sop_class_uid=CLASS,
            series_number=SERIES,
            modality="US",
            transfer_syntax_uid=JPEGBaseline8Bit,
        )
        made.ImageType = ["DERIVED", "SECONDARY"]
        made.ConversionType = "WSD"
        made.BurnedInAnnotation = "YES"
        made.PatientOrientation = made.Laterality = None
        made.DerivationDescription = f"regions found by software drawn in; {codes.NOTICE}"
        made.SourceImageSequence = [
            item(
                **source.reference,
                PurposeOfReferenceCodeSequence=[concept(codes.SOURCE_IMAGE)],
            )
        ]
        self._timing(made, fps)
        self._pixels(made)
        return made

    def _timing(self, made: Any, fps: float | None) -> None:
        count = len(self._pictures)
        made.NumberOfFrames = count
        if fps is not None:
            made.FrameTime = round(1000 / fps, 6)
            made.FrameIncrementPointer = 0x00181063
        elif count > 1:  # a page after the other: nobody knows how fast
            made.PageNumberVector = list(range(1, count + 1))
            made.FrameIncrementPointer = 0x00182001

    def _pixels(self, made: Any) -> None:
        made.Rows, made.Columns = self._size
        made.SamplesPerPixel, made.PhotometricInterpretation = 3, "YBR_FULL_422"
        made.PlanarConfiguration, made.PixelRepresentation = 0, 0
        made.BitsAllocated, made.BitsStored, made.HighBit = 8, 8, 7
        made.LossyImageCompression = "01"
        made.LossyImageCompressionRatio = round(self._raw / max(1, self._bytes), 2)
        made.LossyImageCompressionMethod = "ISO_10918_1"
        made.PixelData = encapsulate(self._pictures)
        made["PixelData"].is_undefined_length = True
