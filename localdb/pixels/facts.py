"""What an image says of itself that decides how it is shown, taken from its DICOM header when it is read (PS3.3 C.7.6, C.8,
C.11). Values that are read as numbers stay the text that was sent, like all of the vocabulary.
"""

from __future__ import annotations

import msgspec


class Window(msgspec.Struct, frozen=True, omit_defaults=True):
    """One VOI window (0028,1050/1051): `center`, `width` as sent; `function` LINEAR, LINEAR_EXACT or SIGMOID
    (0028,1056); `text` what the sender calls it (0028,1055)."""

    center: str
    width: str
    function: str = "LINEAR"
    text: str = ""


class Table(msgspec.Struct, frozen=True, omit_defaults=True):
    """A look-up table: `first` the stored value mapped to its first entry (values below map to it too, values beyond the
    last to the last), `bits` of an entry, `data` the entries as unsigned 16 bit, little endian."""

    first: int
    bits: int
    data: bytes
    text: str = ""


class Overlay(msgspec.Struct, frozen=True, omit_defaults=True):
    """One overlay plane (60xx): `row`, `column` where it begins in the image, counted from 1 (it may lie partly outside);
    `bits` one bit a pixel, row by row, lowest bit first; `kind` G graphics or R region."""

    rows: int
    columns: int
    row: int
    column: int
    bits: bytes
    frames: int = 1
    first_frame: int = 1
    kind: str = "G"
    text: str = ""


class Shutter(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the display shutter leaves visible (PS3.3 C.7.6.11), in image rows and columns from 1: `shape` RECTANGULAR
    (left, right, upper, lower), CIRCULAR (row, column, radius) or POLYGONAL (row, column, row, column …)."""

    shape: str
    values: tuple[int, ...]


class Region(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of an ultrasound picture with a scale of its own (0018,6011; PS3.3 C.8.5.5): its corners in pixels from 0
    (`left`, `top`, `right`, `bottom`, all inside it); `spatial` (0018,6012: 1 is 2D), `unit_x`, `unit_y` (0018,6024/6026:
    3 is cm) as codes; `delta_x`, `delta_y` (0018,602C/602E) units for a pixel, as sent."""

    left: int
    top: int
    right: int
    bottom: int
    spatial: int = 0
    unit_x: int = 0
    unit_y: int = 0
    delta_x: str = ""
    delta_y: str = ""


class Frame(msgspec.Struct, frozen=True, omit_defaults=True):
    """What differs from frame to frame; "" or () where nothing was sent. `position` (3) and `orientation` (6) in the
    patient; `spacing` (row, column) millimetres between pixel centres (0028,0030); `slope`, `intercept`, `rescale` (type,
    such as HU) of the modality transformation; `windows` in the order sent; `number` of the stack position or time;
    `text` such as the phase or label sent."""

    position: tuple[str, ...] = ()
    orientation: tuple[str, ...] = ()
    spacing: tuple[str, ...] = ()
    thickness: str = ""
    slope: str = ""
    intercept: str = ""
    rescale: str = ""
    windows: tuple[Window, ...] = ()
    text: str = ""


class Facts(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Of all frames of one instance. `common` holds where `frames` has nothing for a frame (one entry a frame, or ()).

    `samples` 1 or 3; `photometric` of the samples **as they are held** (YBR is held as RGB); `bits` stored (0028,0101);
    `signed`; `padding` the stored values (low, high) that are no picture (0028,0120/0121), () where none;
    `modality_table`, `voi_tables`, `palette` (red, green, blue) the look-up tables; `inverse`: the presentation LUT shape
    is INVERSE. `imager_spacing` (0018,1164), `magnification` (0018,1114), `calibration` (0028,0A02) and its description;
    `aspect` (0028,0034) vertical, horizontal. `patient_orientation` (0020,0020): direction of a row, of a column.
    `regions` the parts of an ultrasound picture with a scale of their own.
    `laterality`, `view`, `image_type` (0008,0008: a LOCALIZER is a shadow, as an X-ray is) as sent. `lossy` the ratio as
    sent or "lossy", `lossy_method`. `frame_ms` milliseconds from frame to frame (0018,1063), or of each frame (0018,1065).
    `burned_in` (0028,0301), `presented` (0028,0303 … 0008,0068: FOR PRESENTATION or FOR PROCESSING) as sent.
    """

    rows: int
    columns: int
    samples: int = 1
    photometric: str = "MONOCHROME2"
    bits: int = 16
    signed: bool = False
    padding: tuple[int, ...] = ()
    common: Frame = Frame()
    frames: tuple[Frame, ...] = ()
    modality: str = ""
    modality_table: Table | None = None
    voi_tables: tuple[Table, ...] = ()
    palette: tuple[Table, ...] = ()
    inverse: bool = False
    imager_spacing: tuple[str, ...] = ()
    magnification: str = ""
    calibration: str = ""
    aspect: tuple[str, ...] = ()
    patient_orientation: tuple[str, ...] = ()
    laterality: str = ""
    view: str = ""
    overlays: tuple[Overlay, ...] = ()
    shutters: tuple[Shutter, ...] = ()
    lossy: str = ""
    lossy_method: str = ""
    frame_ms: tuple[str, ...] = ()
    burned_in: str = ""
    presented: str = ""
    regions: tuple[Region, ...] = ()
    image_type: tuple[str, ...] = ()

    def of_frame(self, n: int) -> Frame:
        """What holds for frame `n` (from 0): its own facts, and the common ones where it has none."""
        if n >= len(self.frames):
            return self.common
        own = self.frames[n]
        return Frame(*(getattr(own, f) or getattr(self.common, f) for f in Frame.__struct_fields__))
