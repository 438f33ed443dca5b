"""A softcopy presentation state to what it draws (PS3.3 C.10.5), and to words for what it says beyond that (C.11)."""

from __future__ import annotations

from pydicom.dataset import Dataset

from localdb.records.presentations import Drawing, Presentation, Target, Wording
from localdb.sources.dicom.elements import items, long_text, text, texts, whole, whole_of

# Those whose graphics lie on images of two dimensions: greyscale, colour, pseudo-colour, blended.
_FLAT = frozenset(f"1.2.840.10008.5.1.4.1.1.11.{n}" for n in (1, 2, 3, 4))
_KINDS = {"POINT": (2, 2), "POLYLINE": (4, 8000), "INTERPOLATED": (4, 8000), "CIRCLE": (4, 4), "ELLIPSE": (8, 8)}
_MOST = 200  # graphics, and texts, of one state
_LONGEST = 400  # characters of one text
_MOST_IMAGES = 2000  # that one graphic names


def presentation_of(ds: Dataset, class_: str) -> Presentation | None:
    """What is kept of a presentation state; None where it is none whose graphics can be drawn."""
    if class_ not in _FLAT:
        return None
    drawings: list[Drawing] = []
    wordings: list[Wording] = []
    left_out = _left_out(ds)
    for layer in items(ds, 0x00700001)[:_MOST]:
        images = _targets(layer)
        for one in items(layer, 0x00700009):
            drawing = _drawing(one, images)
            if drawing is None:
                left_out.append("graphics that cannot be drawn here")
            elif len(drawings) < _MOST:
                drawings.append(drawing)
            else:
                left_out.append("more graphics than are kept")
        for one in items(layer, 0x00700008):
            wording = _wording(one, images)
            if len(wordings) >= _MOST:
                left_out.append("more texts than are kept")
            elif wording is not None:
                wordings.append(wording)
        if items(layer, 0x00700209):
            left_out.append("compound graphics")
    author = text(ds, 0x00700084).replace("^", " ").strip()
    return Presentation(tuple(drawings), tuple(wordings), author, tuple(dict.fromkeys(left_out)))


def _left_out(ds: Dataset) -> list[str]:
    said = {
        "window": bool(items(ds, 0x00283110)),
        "rotation or flip": (whole(ds, 0x00700042) or 0) % 360 != 0 or text(ds, 0x00700041).upper() == "Y",
        "zoom or part of the image": any(map(_is_part, items(ds, 0x0070005A))),
        "inverted grey": text(ds, 0x20500020).upper() == "INVERSE",
        "shutter": bool(texts(ds, 0x00181600)),
        "mask": bool(items(ds, 0x00286100)),
        "bitmap overlays": any(0x6000 <= tag >> 16 <= 0x60FF for tag in ds.keys()),  # noqa: SIM118
    }
    return [name for name, there in said.items() if there]


def _is_part(area: Dataset) -> bool:
    """Whether a displayed area (C.10.4) begins elsewhere than the image, or wants another size than the whole of it.

    One that begins with the image and ends before it cannot be told here: the image's size is not in the state.
    """
    begins = tuple(whole_of(v) for v in texts(area, 0x00700052))
    return (bool(begins) and begins != (1, 1)) or text(area, 0x00700100).upper() in ("TRUE SIZE", "MAGNIFY")


def _targets(layer: Dataset) -> tuple[Target, ...]:
    made = []
    for one in items(layer, 0x00081140)[:_MOST_IMAGES]:
        frames = tuple(n for n in map(whole_of, texts(one, 0x00081160)) if n is not None)
        if text(one, 0x00081155):
            made.append(Target(text(one, 0x00081155), frames))
    return tuple(made)


def _drawing(one: Dataset, images: tuple[Target, ...]) -> Drawing | None:
    kind, points = text(one, 0x00700023).upper(), _numbers(one, 0x00700022)
    least, most = _KINDS.get(kind, (1, 0))
    is_sound = least <= len(points) <= most and len(points) % 2 == 0
    return Drawing(kind, points, images) if is_sound and text(one, 0x00700005).upper() == "PIXEL" else None


def _wording(one: Dataset, images: tuple[Target, ...]) -> Wording | None:
    said = long_text(one, 0x00700006)[:_LONGEST]
    if not said:
        return None
    for units, place in ((0x00700004, 0x00700014), (0x00700003, 0x00700010)):  # the anchor point, else the box
        at = _numbers(one, place)
        if len(at) == 2 and text(one, units).upper() == "PIXEL":
            return Wording(said, at, images)
    return Wording(said, (), images)


def _numbers(one: Dataset, tag: int) -> tuple[str, ...]:
    """Numbers of 32 bits as text of what they hold; () where one is none."""
    found = texts(one, tag)
    try:
        return tuple(f"{float(v):.7g}" for v in found) if all(found) else ()
    except ValueError:
        return ()
