"""From a wish to the picture on paper: pixels as they were shown, what is said of them, what is refused (CLINICAL §4.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from desktop.printing import burning, picturing
from desktop.printing.burning import Label
from desktop.printing.choosing import chosen
from desktop.printing.image_wish import ImageWish, Mark, Shade
from desktop.printing.picturing import pictures_of
from localdb.errors import WardlampError
from localdb.pixels.facts import Frame
from localdb.pixels.geometry import View
from localdb.records.presentations import Drawing, Presentation, Wording
from localdb.records.vocabulary import Instance
from tests.unit.forms import paper
from tests.unit.printing import images


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Label]]:
    """What was handed over to be burnt: pixels before any word stands on them, and the words."""
    found: list[tuple[Any, Label]] = []
    real = burning.burnt

    def noted(pixels: Any, label: Label, wide: float) -> Any:
        found.append((pixels, label))
        return real(pixels, label, wide)

    monkeypatch.setattr(picturing, "burnt", noted)
    return found


def make(wish: ImageWish, **more: Any) -> Any:
    chart, copy = images.rich()
    (found,) = pictures_of(copy, chart, [wish], paper.NOW, **more)
    return found


def linear(values: Any, center: float, width: float) -> Any:
    """PS3.3 C.11.2.1.2.1, written down again."""
    made = ((values - (center - 0.5)) / (width - 1) + 0.5) * 255
    low, high = values <= center - 0.5 - (width - 1) / 2, values > center - 0.5 + (width - 1) / 2
    return np.where(low, 0, np.where(high, 255, np.rint(made))).astype(np.uint8)


def test_pixels_are_the_stored_values_under_the_stored_window(seen: list[tuple[Any, Label]]) -> None:
    make(ImageWish(study=images.XRAY))
    assert np.abs(seen[0][0].astype(int) - linear(images.slope(), 500, 400)).max() <= 1


def test_a_window_of_ones_own_in_units_of_the_modality(seen: list[tuple[Any, Label]]) -> None:
    found = make(ImageWish(study=images.CT, number=2, shade=Shade(-500, 1500)))
    assert np.abs(seen[0][0].astype(int) - linear(images.slope().astype(int) - 1024, -500, 1500)).max() <= 1
    assert "W 1500 L -500" in " ".join(found.words).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("view", "pixels", "letters"),
    [  # top, right, bottom, left of an axial slice seen from the feet: A, L, P, R
        (View(), lambda a: a, ("A", "L", "P", "R")),
        (View(flip=True), lambda a: a[:, ::-1], ("A", "R", "P", "L")),
        (View(rotation=90), lambda a: np.rot90(a, 3), ("R", "A", "L", "P")),
        (View(rotation=180, flip=True), lambda a: a[::-1], ("P", "L", "A", "R")),
        (View(rotation=270, invert=True), lambda a: 255 - np.rot90(a, 1), ("L", "P", "R", "A")),
    ],
)
def test_letters_follow_how_it_was_turned(view: View, pixels: Any, letters: Any, seen: list[tuple[Any, Label]]) -> None:
    found = make(ImageWish(study=images.CT, number=1, view=view, shade=Shade(-500, 1500)))
    plain = linear(images.slope().astype(int) - 1024, -500, 1500)
    assert np.abs(seen[0][0].astype(int) - pixels(plain)).max() <= 1
    assert seen[0][1].letters == letters
    assert ("FLIPPED" in seen[0][1].flags) == view.flip == ("FLIPPED" in " ".join(found.notes))
    assert ("INVERTED" in seen[0][1].flags) == view.invert


def test_part_of_an_image_as_the_screen_had_it(seen: list[tuple[Any, Label]]) -> None:
    """Zoomed to 4 screen pixels each around (100, 120): 50 × 40 image pixels of a viewport of 200 × 160."""
    found = make(ImageWish(study=images.XRAY, view=View(zoom=4, pan=(100, 120)), viewport=(200, 160)))
    pixels = seen[0][0]
    assert pixels.shape[1] / pixels.shape[0] == pytest.approx(200 / 160, rel=0.01)
    middle = int(pixels[pixels.shape[0] // 2, pixels.shape[1] // 2])
    assert abs(middle - int(linear(np.array([100 * 4 + 120]), 500, 400)[0])) <= 2
    assert "Down-sampled" not in " ".join(found.notes)


def test_what_is_larger_than_the_page_is_down_sampled_and_says_so() -> None:
    chart, copy = images.rich()
    wide = np.zeros((400, 3400), np.uint16)
    copy.held[images.XRAY].clear()
    copy.add(images.XRAY, 1, wide, images.facts_of(wide, modality="DX", common=Frame(spacing=("0.1", "0.1"))))
    (found,) = pictures_of(copy, chart, [ImageWish(study=images.XRAY)], paper.NOW)
    assert found.raster.width == picturing.SHEET
    assert "Down-sampled: 50 % of full resolution" in " ".join(found.notes)


def test_pixels_that_are_not_square_are_drawn_as_long_as_they_are(seen: list[tuple[Any, Label]]) -> None:
    chart, copy = images.rich()
    pixels = np.zeros((100, 100), np.uint16)
    copy.held[images.XRAY].clear()
    copy.add(images.XRAY, 1, pixels, images.facts_of(pixels, common=Frame(spacing=("2", "1"))))
    pictures_of(copy, chart, [ImageWish(study=images.XRAY)], paper.NOW)
    assert seen[0][0].shape == (200, 100)


def test_what_was_drawn_on_it_stands_where_it_was_drawn(seen: list[tuple[Any, Label]]) -> None:
    marks = (Mark(((50, 60), (100, 120)), "12 mm"),)
    make(ImageWish(study=images.CT, number=1, marks=marks, view=View(flip=True)))
    (drawn,) = seen[0][1].marks
    assert drawn.text == "12 mm"
    assert drawn.points == ((0.75, 0.25), (0.5, 0.5))


def test_words_of_a_slice_with_others_missing() -> None:
    chart, copy = images.rich()
    fourth = pictures_of(copy, chart, [ImageWish(study=images.CT, number=4)], paper.NOW)[0]
    said = " ".join((*fourth.words, *fourth.notes))
    assert fourth.title == "CT head, 22-Nov-2026 19:55"
    for words in (
        "5 of 30 images held",
        "2 slices may be missing",
        "NOT REPORTED in this copy",
        "Window Brain",
    ):
        assert words in said, words
    assert "No pixel spacing" not in said


def test_words_of_an_x_ray_and_of_a_cine() -> None:
    x_ray = " ".join((*(p := make(ImageWish(study=images.XRAY))).words, *p.notes)).replace("\u00a0", " ")
    for words in ("Series 1, PA erect, image 1 of 1", "1 of 2 images held", "Window stored, W 400 L 500",
                  "Accession NUH26-118204", "Spacing at detector only, magnified"):  # fmt: skip
        assert words in x_ray, words
    cine = " ".join((*(p := make(ImageWish(study=images.CINE, number=3))).words, *p.notes))
    for words in ("frame 3 of 4", "1 image held, of how many is not known", "Lossy 12.5:1", "No pixel spacing",
                  "Orientation not stated"):  # fmt: skip
        assert words in cine, words
    assert "Window" not in cine
    assert p.raster.samples == 3


def test_a_ratio_that_was_not_sent_is_said_so() -> None:
    assert picturing.lossy_words("lossy") == "Lossy, ratio not sent"


def test_annotations_that_are_not_drawn_are_said() -> None:
    chart, copy = images.rich()
    copy.held[images.XRAY].append(Instance(
        **paper.ids(), text="", uid="9.9", study=images.XRAY, series="9", sop_class="1.2.840.10008.5.1.4.1.1.11.1",
        pointed=(f"{images.XRAY}.1.1",), title="ARROWS", modality="PR",
    ))  # fmt: skip
    (found,) = pictures_of(copy, chart, [ImageWish(study=images.XRAY)], paper.NOW)
    assert "Annotations exist, not shown" in " ".join(found.notes)


def test_arrows_and_words_of_a_presentation_state_are_drawn_where_it_puts_them(seen: list[tuple[Any, Label]]) -> None:
    chart, copy = images.rich()
    copy.held[images.CT].append(Instance(
        **paper.ids(), text="", uid="9.9", study=images.CT, series="9", sop_class="1.2.840.10008.5.1.4.1.1.11.1",
        pointed=(f"{images.CT}.1.1",), title="ARROWS", modality="PR", presentation=Presentation(
            (Drawing("POLYLINE", ("50", "60", "100", "120")),), (Wording("see here", ("100", "120")),), "Dr Abara",
            ("window",)),
    ))  # fmt: skip
    wish = ImageWish(study=images.CT, number=1, view=View(flip=True))
    (found,) = pictures_of(copy, chart, [wish], paper.NOW)
    line, word = seen[0][1].marks
    assert line.points == ((0.75, 0.25), (0.5, 0.5))
    assert (word.points, word.text) == (((0.5, 0.5),), "see here")
    said = " ".join(found.notes)
    assert "Annotations of Dr Abara: ARROWS" in said and "Not applied: its window" in said
    pictures_of(copy, chart, [replace(wish, overlays=False)], paper.NOW)
    assert seen[1][1].marks == () and "Hidden: Annotations of Dr Abara" in seen[1][1].notes


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (ImageWish(study="1.9"), "image.no_such"),
        (ImageWish(study=images.CT, number=6), "image.not_held"),
        (ImageWish(study=images.CT, number=31), "image.no_such"),
        (ImageWish(study=images.CT, number=6, series="1"), "image.no_such"),
        (ImageWish(study=images.CT, image="1.2.4.1.99"), "image.no_such"),
        (ImageWish(study=images.XRAY, number=2), "image.not_held"),
        (ImageWish(study=images.GONE), "image.not_held"),
        (ImageWish(study=images.XRAY, view=View(zoom=2, pan=(-9000, 0)), viewport=(100, 100)), "image.no_such"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_its_reason(wish: ImageWish, code: str) -> None:
    with pytest.raises(WardlampError) as refused:
        make(wish)
    assert refused.value.code == code


def test_a_file_that_is_gone_is_not_held_rather_than_black() -> None:
    chart, copy = images.rich()
    copy.blobs.clear()
    with pytest.raises(WardlampError) as refused:
        pictures_of(copy, chart, [ImageWish(study=images.XRAY)], paper.NOW)
    assert refused.value.code == "image.not_held"


def test_without_a_wish_one_of_each_examination_newest_first_and_key_images_before() -> None:
    chart, copy = images.rich()
    found = chosen(copy, chart, 4)
    assert [c.study.uid for c in found] == [images.XRAY, images.CT, images.CINE]
    copy.held[images.CT].append(Instance(
        **paper.ids(), text="", uid="8.8", study=images.CT, series="8", sop_class="1.2.840.10008.5.1.4.1.1.88.59",
        pointed=tuple(f"{images.CT}.1.{n}" for n in (6, 7, 2)), modality="KO",
    ))  # fmt: skip
    found = chosen(copy, chart, 4)
    assert [c.row.slides[c.index].instance.number for c in found if c.study.uid == images.CT] == [2, 6]
    assert [c.study.uid for c in chosen(copy, chart, 2)] == [images.XRAY, images.CT]
    assert chosen(copy, chart, 0) == []


def test_restricted_and_withdrawn_examinations_are_not_chosen() -> None:
    chart, copy = images.rich()
    held = list(chart.images.items)
    held[0], held[1] = replace(held[0], restricted=True), replace(held[1], status="entered-in-error")
    chart = paper.chart(images=tuple(held))
    assert [c.study.uid for c in chosen(copy, chart, 4)] == [images.CINE]
    for study in (images.XRAY, images.CT):
        with pytest.raises(WardlampError):
            pictures_of(copy, chart, [ImageWish(study=study)], paper.NOW)
