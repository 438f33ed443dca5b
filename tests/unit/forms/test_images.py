"""T02 and the images behind a summary: words and pictures stand where they should, whoever it is."""

from __future__ import annotations

import zlib
from typing import Any

import pikepdf
import pytest
from msgspec.structs import replace

from desktop.forms import catalogue
from desktop.forms.frame import A4
from desktop.forms.model import FormModel, Picture, Raster
from desktop.forms.pictures import REVIEW_ONLY, STEPS, OtherPatient, columns_of, ramp_raster
from localdb.chart.views import Listing
from localdb.records.vocabulary import ImagingStudy
from tests.unit.forms import checks, paper


def picture(n: int = 0, wide: int = 300, high: int = 340, **more: Any) -> Picture:
    raster = Raster(wide, high, 1, bytes((x + y + n * 40) % 256 for y in range(high) for x in range(wide)))
    return Picture(
        patient=paper.patient().id, study=f"1.2.{n}", raster=more.pop("raster", raster), title=f"Study {n}, 23-Nov 19:12",
        words=(f"Series 1, image {n} of 412 · 42 of 412 images held", "Window stored, W 400 L 40"),
        notes=more.pop("notes", ("FLIPPED · 3 slices are missing before this one · Lossy 10:1",)), **more,
    )  # fmt: skip


def model(code: str, *pictures: Picture, **more: Any) -> FormModel:
    return replace(paper.model(code, more.pop("chart", paper.chart())), pictures=pictures, **more)


@pytest.mark.parametrize(
    ("code", "count", "wide", "high"),
    [("T02", 1, 300, 340), ("T02", 2, 900, 200), ("T02", 3, 90, 600), ("T02", 4, 300, 340), ("F02", 2, 300, 340)],
)
def test_every_word_stands_on_the_page_and_none_on_another(code: str, count: int, wide: int, high: int) -> None:
    made = model(code, *(picture(n, wide, high) for n in range(count)))
    rendered = catalogue.render_pack([(code, made)])
    assert rendered.faults == ()
    assert rendered.pages == (
        (1,) if code == "T02" else (catalogue.pages_needed("F02", replace(made, pictures=None)) + 1,)
    )
    assert checks.missing(catalogue.text_model(code, made), rendered.pdf) == []
    assert checks.overlaps(rendered.placed) == []
    assert checks.outside(rendered.placed, A4) == []
    texts = checks.page_texts(rendered.pdf)
    assert REVIEW_ONLY in texts[-1]


def test_the_pictures_are_in_the_file_as_they_were_given() -> None:
    made = model("T02", picture(1), picture(2, raster=Raster(2, 1, 3, bytes((255, 0, 0, 0, 0, 255)))))
    found = images_of(catalogue.render("T02", made))
    assert (2, 1, bytes((255, 0, 0, 0, 0, 255))) in found
    assert (300, 340, picture(1).raster.data) in found
    strip = ramp_raster()
    assert (strip.width, strip.height, strip.data) in found


def images_of(pdf: bytes) -> list[tuple[int, int, bytes]]:
    """Width, height and bytes of each picture of a PDF."""
    import io

    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [(int(thing.Width), int(thing.Height), thing.read_bytes()) for thing in document.objects
                if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Image"]  # fmt: skip


def test_more_than_a_side_goes_on_and_all_are_labelled() -> None:
    made = model("F02", *(picture(n) for n in range(9)))
    rendered = catalogue.render_pack([("F02", made)])
    texts = checks.page_texts(rendered.pdf)
    assert sum(REVIEW_ONLY in t for t in texts) == 3
    assert all("OKONKWO" in t for t in texts)
    assert checks.missing(catalogue.text_model("F02", made), rendered.pdf) == []
    t02 = model("T02", *(picture(n) for n in range(6)))
    assert "2 more are not on this sheet." in catalogue.text_model("T02", t02)


def test_without_images_it_says_which_kind_of_none() -> None:
    study = ImagingStudy(**paper.ids(), text="Chest X-ray", uid="1.2", total=2, status="available")
    held = paper.chart(images=(study,))
    assert any("No image of this patient is held" in t for t in catalogue.text_model("T02", model("T02", chart=held)))
    gone = paper.chart(images=Listing("unavailable"))
    assert any("NOT IN THIS COPY" in t for t in catalogue.text_model("T02", model("T02", chart=gone)))
    asked = catalogue.text_model("F02", model("F02", chart=held))
    assert "Key images" in asked and any("No image of this patient is held" in t for t in asked)
    assert "Key images" not in catalogue.text_model("F02", replace(model("F02"), pictures=None))


def test_somebody_elses_picture_is_on_no_sheet() -> None:
    other = model("T02", replace(picture(), patient="somebody else"))
    with pytest.raises(OtherPatient):
        catalogue.render("T02", other)
    with pytest.raises(OtherPatient):
        catalogue.render("F02", replace(other))


@pytest.mark.parametrize("name", ["strange", "long"])
def test_whoever_it_is(name: str) -> None:
    who = paper.strange_patient()
    chart = paper.chart(who)
    made = model("T02", *(picture(n, notes=("Ω " * 60,) if name == "long" else ()) for n in range(4)), chart=chart)
    made = replace(made, pictures=tuple(replace(p, patient=who.id) for p in made.pictures or ()))
    rendered = catalogue.render_pack([("T02", made)])
    assert rendered.faults == () and checks.overlaps(rendered.placed) == []
    assert checks.not_drawn(catalogue.text_model("T02", made), rendered.placed) == []


def test_the_grey_strip_has_its_steps_and_the_two_squares() -> None:
    strip = ramp_raster()
    top = strip.data[: strip.width : strip.width // STEPS]
    assert [round(g / 25.5) for g in top] == list(range(STEPS))
    middle = strip.data[strip.width * 16 : strip.width * 17]
    assert {round(100 * middle[20] / 255), round(100 * middle[-20] / 255)} == {5, 95}


def test_places_on_the_page() -> None:
    assert [columns_of([picture(n, *size) for n in range(count)]) for count, size in
            ((1, (300, 300)), (2, (300, 340)), (2, (900, 200)), (3, (900, 200)))] == [1, 2, 1, 2]  # fmt: skip


def test_a_page_of_pictures_is_small_enough_to_queue() -> None:
    data = zlib.compress(picture().raster.data)
    assert len(catalogue.render("T02", model("T02", *(picture(n) for n in range(4))))) < 4 * len(data) + 400_000
