"""All that decides how an image is shown, from its header to `Facts` (PS3.3 C.7.6, C.8, C.11; CLINICAL §4.2)."""

from __future__ import annotations

from pydicom.dataset import Dataset

from localdb.pixels.facts import Facts, Frame, Region, Shutter, Window
from localdb.sources.dicom.elements import first, items, joined, text, texts, whole, whole_of, words_of
from localdb.sources.dicom.overlays import overlays
from localdb.sources.dicom.part10 import Part10
from localdb.sources.dicom.studies import is_number, lossy, lossy_method, numbers
from localdb.sources.dicom.tables import modality_table, palette, tables

_FUNCTIONS = frozenset({"LINEAR", "LINEAR_EXACT", "SIGMOID"})
_MOST_FRAMES = 100_000


def facts_of(part: Part10, photometric: str, frames: int) -> Facts:
    """The facts of an image whose samples are held as `photometric`; `frames` of it were found."""
    ds = part.dataset
    signed = whole(ds, 0x00280103) == 1
    shared = first(ds, 0x52009229)
    spacing = numbers(ds, 0x00280030, 2)
    return Facts(
        rows=whole(ds, 0x00280010) or 0,
        columns=whole(ds, 0x00280011) or 0,
        samples=whole(ds, 0x00280002) or 1,
        photometric=photometric,
        bits=whole(ds, 0x00280101) or whole(ds, 0x00280100) or 16,
        signed=signed,
        padding=_padding(ds, signed),
        common=_frame(shared, ds, spacing),
        frames=_frames(ds, frames),
        modality=text(ds, 0x00080060),
        modality_table=modality_table(ds, signed),
        voi_tables=tables(ds, 0x00283010, signed),
        palette=palette(ds) if photometric == "PALETTE COLOR" else (),
        inverse=text(ds, 0x20500020).upper() == "INVERSE",
        imager_spacing=numbers(ds, 0x00181164, 2),
        magnification=text(ds, 0x00181114),
        calibration=" ".join(x for x in (text(ds, 0x00280A02), text(ds, 0x00280A04)) if x),
        aspect=numbers(ds, 0x00280034, 2),
        patient_orientation=texts(ds, 0x00200020) if len(texts(ds, 0x00200020)) == 2 else (),
        laterality=text(ds, 0x00200062) or text(ds, 0x00200060),
        view=text(ds, 0x00185101),
        overlays=overlays(part),
        shutters=_shutters(ds),
        lossy=lossy(ds, part.syntax),
        lossy_method=lossy_method(ds, part.syntax) if lossy(ds, part.syntax) else "",
        frame_ms=_times(ds, frames),
        burned_in=text(ds, 0x00280301),
        presented=text(ds, 0x00080068),
        regions=_regions(ds),
        image_type=texts(ds, 0x00080008),
    )


def _padding(ds: Dataset, signed: bool) -> tuple[int, ...]:
    found = [words_of(ds, tag)[:2] for tag in (0x00280120, 0x00280121)]
    values = [int.from_bytes(b, "little", signed=signed) for b in found if len(b) == 2]
    return (min(values), max(values)) if values else ()


def _frames(ds: Dataset, frames: int) -> tuple[Frame, ...]:
    groups = items(ds, 0x52009230)[: min(frames, _MOST_FRAMES)]
    made = tuple(_frame(group, None, ()) for group in groups)
    return made if any(f != Frame() for f in made) else ()


def _frame(group: Dataset | None, whole_ds: Dataset | None, spacing: tuple[str, ...]) -> Frame:
    """What functional groups (shared, or of one frame) say, else the data set itself."""
    measures = first(group, 0x00289110) or whole_ds
    change = first(group, 0x00289145) or whole_ds
    content = first(group, 0x00209111)
    slope, intercept, kind = text(change, 0x00281053), text(change, 0x00281052), text(change, 0x00281054)
    if not slope and text(whole_ds, 0x3004000E):  # a dose: its grid is scaled to grays or to parts of a prescription
        slope, intercept, kind = text(whole_ds, 0x3004000E), "0", text(whole_ds, 0x30040002)
    sound = is_number(slope or "1") and is_number(intercept or "0")
    said = (text(content, 0x00209453), joined(content, 0x00209158), text(content, 0x00209057))
    return Frame(
        position=numbers(first(group, 0x00209113) or whole_ds, 0x00200032, 3),
        orientation=numbers(first(group, 0x00209116) or whole_ds, 0x00200037, 6),
        spacing=numbers(measures, 0x00280030, 2) or spacing,
        thickness=text(measures, 0x00180050),
        slope=slope if sound else "",
        intercept=intercept if sound else "",
        rescale=kind,
        windows=windows(first(group, 0x00289132) or whole_ds),
        text=next((s for s in said if s), ""),
    )


def windows(ds: Dataset | None) -> tuple[Window, ...]:
    """The VOI windows in the order sent; those that are no numbers left out."""
    centers, widths, words = texts(ds, 0x00281050), texts(ds, 0x00281051), texts(ds, 0x00281055)
    function = text(ds, 0x00281056).upper() or "LINEAR"
    made = []
    for n, (center, width) in enumerate(zip(centers, widths, strict=False)):
        if center and width and is_number(center) and is_number(width) and float(width) > 0:
            named = words[n] if n < len(words) else ""
            made.append(Window(center, width, function if function in _FUNCTIONS else "LINEAR", named))
    return tuple(made)


def _shutters(ds: Dataset) -> tuple[Shutter, ...]:
    tags = {
        "RECTANGULAR": (0x00181602, 0x00181604, 0x00181606, 0x00181608),
        "CIRCULAR": (0x00181610, 0x00181612),
        "POLYGONAL": (0x00181620,),
    }
    made = []
    for shape in texts(ds, 0x00181600):
        found = [whole_of(v) for tag in tags.get(shape, ()) for v in texts(ds, tag)]
        values = tuple(v for v in found if v is not None)
        is_sound = len(values) == len(found) and (
            len(values) == {"RECTANGULAR": 4, "CIRCULAR": 3}.get(shape, -1)
            or (shape == "POLYGONAL" and len(values) >= 6 and len(values) % 2 == 0)
        )
        if is_sound:
            made.append(Shutter(shape, values))
    return tuple(made)


def _times(ds: Dataset, frames: int) -> tuple[str, ...]:
    """Milliseconds between frames as sent: of each (0018,1065), or of all (0018,1063), else from the rate at which they
    are to be shown (0008,2144, 0018,0040)."""
    if frames < 2:
        return ()
    vector = tuple(v for v in texts(ds, 0x00181065) if is_number(v))
    if len(vector) == frames:
        return vector
    one = text(ds, 0x00181063)
    if is_number(one or "x") and float(one) > 0:
        return (one,)
    rate = text(ds, 0x00082144) or text(ds, 0x00180040)
    return (f"{1000 / float(rate):.6g}",) if is_number(rate or "x") and float(rate) > 0 else ()


def _regions(ds: Dataset) -> tuple[Region, ...]:
    """Calibrated regions of an ultrasound image (PS3.3 C.8.5.5)."""
    made = []
    for item in items(ds, 0x00186011):
        corners = [whole(item, t) for t in (0x00186018, 0x0018601A, 0x0018601C, 0x0018601E)]
        steps = [text(item, t) for t in (0x0018602C, 0x0018602E)]
        if None in corners or not all(is_number(s or "x") for s in steps):
            continue
        left, top, right, bottom = (c or 0 for c in corners)
        kinds = [whole(item, t) or 0 for t in (0x00186012, 0x00186024, 0x00186026)]
        made.append(Region(left, top, right, bottom, kinds[0], kinds[1], kinds[2], steps[0], steps[1]))
    return tuple(made)
