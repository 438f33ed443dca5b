"""The site's own originals: what may be taken, what stands, and a layer that touches nothing but its two places."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from reportlab.pdfgen.canvas import Canvas

from desktop.forms.overlay import NoRoom, overlaid
from desktop.printing.originals import WET_INK, NeedsColour, check_printer, issue_originals
from desktop.printing.wire import Facts, Ticket, options
from localdb.errors import WardlampError
from localdb.house import House, open_house
from localdb.plans import original_check
from localdb.plans.original_spec import OriginalSpec, read_spec
from localdb.records.vocabulary import HumanName
from localdb.vault.staff import add_staff
from tests.conftest import Clock
from tests.made import NOW, clear_bytes, new_house
from tests.unit.forms import checks, paper

SPEC = """
code = "S01"
name = "NEWS2 chart, adults"
owner = "Royal College of Physicians 2017, unchanged, acknowledged"
colour = true
[[page]]
patient = { left = 130, top = 12, width = 70, height = 40 }
serial = { left = 12, top = 275, width = 90, height = 17 }
"""
MM = 72 / 25.4
A4 = (210 * MM, 297 * MM)


def page(canvas: Canvas, words: str = "Official chart quagga") -> None:
    """A chart in colour with white places for patient and serial."""
    canvas.setFillColorRGB(0.9, 0.2, 0.2)
    canvas.rect(40, 120, 500, 500, fill=1, stroke=0)
    canvas.setFillColorRGB(0, 0, 0)
    canvas.drawString(60, 800, words)
    canvas.rect(130 * MM, 842 - 52 * MM, 70 * MM, 40 * MM, stroke=1, fill=0)
    canvas.showPage()


def original(pages: int = 1, size: tuple[float, float] = A4, **how: Any) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size, invariant=1, **how)
    for n in range(pages):
        page(canvas, f"Official chart quagga {n + 1}")
    canvas.save()
    return out.getvalue()


def changed(change: Callable[[pikepdf.Pdf], None]) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(original())) as pdf:
        change(pdf)
        pdf.save(out)
    return out.getvalue()


def spec(pages: int = 1, **other: object) -> OriginalSpec:
    made = read_spec(SPEC.encode())
    return msgspec.structs.replace(made, pages=made.pages * pages, **other)


def refused(call: Callable[..., object], *args: Any, **more: Any) -> str:
    with pytest.raises(WardlampError) as caught:
        call(*args, **more)
    assert caught.value.next_step
    return caught.value.code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("", "original.spec"),
        ("code = 1", "original.spec"),
        (SPEC + "[x", "original.spec"),
        (SPEC + "surprise = 1", "original.spec"),
        ("copies = 1000\n" + SPEC, "original.spec"),
        (SPEC + "x" * 20000, "original.spec"),
        (SPEC.partition("[[page]]")[0], "original.spec"),
        (SPEC.replace('name = "NEWS2 chart, adults"', 'name = " "'), "original.spec"),
        (SPEC.replace("S01", "F15"), "original.code"),
        (SPEC.replace("S01", "S1"), "original.code"),
        (SPEC.replace("width = 70", "width = 30"), "original.place"),
        (SPEC.replace("left = 130", "left = 260"), "original.place"),
        (SPEC.replace("left = 130", "left = -5"), "original.place"),
        (SPEC.replace("height = 17", "height = nan"), "original.place"),
        (SPEC.replace("left = 12, top = 275", "left = 120, top = 20"), "original.place"),
    ],
)  # fmt: skip
def test_what_is_said_of_an_original_is_checked(said: str, code: str) -> None:
    assert refused(read_spec, said.encode()) == code


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_read_as_a_spec_or_refused(data: bytes) -> None:
    try:
        read_spec(data)
    except WardlampError as fault:
        assert fault.code.startswith("original.")


def javascript(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def hidden_javascript(pdf: pikepdf.Pdf) -> None:
    action = pdf.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)"))
    pdf.pages[0].obj.Tabs = pdf.make_indirect(pikepdf.Dictionary(X=pikepdf.Array([pikepdf.Dictionary(Y=action)])))


def launching(pdf: pikepdf.Pdf) -> None:
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9],
                              A=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe"))  # fmt: skip
    pdf.pages[0].obj.Annots = pikepdf.Array([link])


def attaching(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["a.exe"] = b"MZ"


def form(pdf: pikepdf.Pdf) -> None:
    field = pdf.make_indirect(pikepdf.Dictionary(T="name", FT=pikepdf.Name.Tx))
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))


def turned(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Rotate = 90


def cropped(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.CropBox = pikepdf.Array([0, 0, 300, 300])


HOSTILE = [
    (changed(javascript), "original.acts"),
    (changed(hidden_javascript), "original.acts"),
    (changed(launching), "original.acts"),
    (changed(attaching), "original.acts"),
    (changed(form), "original.form"),
    (changed(turned), "original.size"),
    (changed(cropped), "original.size"),
    (original(size=(300, 400)), "original.size"),
    (original(2), "original.pages"),
    (original(encrypt="secret"), "original.locked"),
    (b"%PDF-1.7\nnothing", "original.unreadable"),
    (b"MZ", "original.unreadable"),
    (original()[:900], "original.unreadable"),
    (b"", "original.unreadable"),
]


@pytest.mark.parametrize(("data", "code"), HOSTILE)
def test_a_pdf_that_acts_is_locked_or_damaged_is_refused(data: bytes, code: str) -> None:
    assert msgspec.json.decode(original_check.inspect((spec(), data)))["code"] == code


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_damaged_original_is_taken_whole_or_refused(data: st.DataObject) -> None:
    whole = bytearray(original())
    for _ in range(data.draw(st.integers(1, 20))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    found = msgspec.json.decode(original_check.inspect((spec(), bytes(whole))))
    assert found == {} or found["code"] == "" or found["code"].startswith("original.")


def test_a_place_that_is_printed_already_is_refused_and_a_frame_is_not() -> None:
    assert msgspec.json.decode(original_check.inspect((spec(), original())))["code"] == ""
    covered = read_spec(SPEC.replace("left = 130, top = 12", "left = 60, top = 150").encode())
    assert msgspec.json.decode(original_check.inspect((covered, original())))["code"] == "original.covered"


def test_too_large_is_refused_before_it_is_opened() -> None:
    assert refused(original_check.check_pdf, spec(), b"%PDF-" + b"0" * (9 * 1024 * 1024)) == "original.too_large"


def image(pdf: bytes, n: int = 0) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[n].render(scale=2).to_pil().convert("RGB")
    finally:
        document.close()


def places_of(made: OriginalSpec, n: int) -> list[tuple[int, int, int, int]]:
    found = (made.pages[n].patient, made.pages[n].serial)
    return [tuple(round(x * MM * 2) for x in (p.left, p.top, p.right, p.bottom)) for p in found]  # type: ignore[misc]


def outside_changes(before: bytes, after: bytes, made: OriginalSpec) -> int:
    """How many dots differ outside the two places, over all pages."""
    count = 0
    for n in range(len(made.pages)):
        one, two = image(before, n), image(after, n)
        difference = ImageChops.difference(one, two).convert("L")
        for box in places_of(made, n):
            difference.paste(0, box)
        count += sum(difference.histogram()[1:])
    return count


@pytest.mark.parametrize("kind", ["filled", "blank", "training"])
def test_the_layer_touches_nothing_outside_its_places(kind: str) -> None:
    made, data = spec(2), original(2)
    model = paper.model("F15") if kind == "blank" else paper.filled("F15")
    if kind == "training":
        model = msgspec.structs.replace(model, site=msgspec.structs.replace(paper.SITE, training=True))
    model = msgspec.structs.replace(model, serial="W07AS0100001K")
    out = overlaid(data, made, model)
    assert outside_changes(data, out, made) == 0
    texts = checks.page_texts(out)
    for n, text in enumerate(texts):
        assert f"Official chart quagga {n + 1}" in text
        assert "W07AS0100001K" in text
        assert f"page {n + 1} of 2" in text
        assert ("OKONKWO, Ifeoma (Mrs)" in text) is (kind != "blank")
        assert ("999 000 0018" in text) is (kind != "blank")
        assert ("TRAINING" in text) is (kind == "training")
    found = [text for kind_, text in checks.barcodes(out, 1) if kind_ == "DataMatrix"]
    assert found == [f"WL1|S01|W07AS0100001K|{model.key}"]


def test_copies_are_numbered_and_each_has_its_layer() -> None:
    model = msgspec.structs.replace(paper.filled("F15"), serial="W07AS0100001K", copies=3)
    texts = checks.page_texts(overlaid(original(2), spec(2), model))
    assert [next(n for n in range(1, 4) if f"copy {n}" in t) for t in texts] == [1, 1, 2, 2, 3, 3]


def test_a_name_that_does_not_fit_is_refused_and_never_cut() -> None:
    name = HumanName(
        "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh " * 3, ("Hubert Blaine", "Adolph Charles"), ("Sir",)
    )
    model = paper.model("F15", paper.chart(paper.patient(name=name)))
    small = read_spec(SPEC.replace("width = 70, height = 40", "width = 50, height = 24").encode())
    with pytest.raises(NoRoom):
        overlaid(original(), small, model)
    strange = paper.model("F15", paper.chart(paper.strange_patient()))
    out = overlaid(original(), spec(), strange)
    assert outside_changes(original(), out, spec()) == 0


@settings(max_examples=25, deadline=None)
@given(st.text(min_size=1, max_size=60).filter(str.strip), st.text(max_size=40))
def test_any_name_stands_whole_or_is_refused(family: str, given_: str) -> None:
    model = paper.model("F15", paper.chart(paper.patient(name=HumanName(family, (given_,)))))
    try:
        out = overlaid(original(), spec(), model)
    except NoRoom:
        return
    assert outside_changes(original(), out, spec()) == 0


def test_colour_is_refused_on_a_mono_printer_and_asked_for_on_another() -> None:
    class One:
        spec = spec()

    mono, colour = Facts(name="Ward"), Facts(name="Office", colour=True, colour_modes=("color", "monochrome"))
    with pytest.raises(NeedsColour, match="use the pre-printed stock"):
        check_printer(One(), mono)  # type: ignore[arg-type]
    check_printer(One(), colour)  # type: ignore[arg-type]
    asked = {name: value for _, name, value in options(colour, Ticket(colour=True))}
    assert asked["print-color-mode"] == "color"
    assert {name: value for _, name, value in options(colour, Ticket())}["print-color-mode"] == "monochrome"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    made = new_house(tmp_path / "vault", clock)
    yield made
    made.close()


def test_an_original_is_kept_to_the_letter_and_the_newest_stands(house: House, clock: Clock) -> None:
    first = house.originals.add(spec(), original())
    clock.at += timedelta(minutes=1)
    second = house.originals.add(spec(name="NEWS2 chart, second edition"), original())
    assert (first.version, second.version) == (1, 2)
    assert [o.number for o in house.originals.all()] == [second.number]
    assert house.originals.content(second) == original()
    assert house.plans.papers() == ()  # no document of the other shelf
    assert clear_bytes(house.vault, ("quagga", "Royal College")) == []
    clock.at += timedelta(minutes=1)
    house.originals.remove(second, "stock came")
    assert house.originals.all() == ()
    assert refused(house.originals.find, "S01") == "original.unknown"
    clock.at += timedelta(minutes=1)
    assert house.originals.add(spec(), original()).version == 3


def test_only_a_coordinator_adds_and_removes(tmp_path: Path, house: House) -> None:
    made = house.originals.add(spec(), original())
    add_staff(house.vault, house.keys, "Nia Nurse", b"another-long-secret", "clinician", "floor")
    nurse = open_house(tmp_path / "vault", b"another-long-secret", staff="Nia Nurse", clock=lambda: NOW)
    try:
        assert [o.code for o in nurse.originals.all()] == [made.code]
        assert refused(nurse.originals.add, spec(), original()) == "vault.not_permitted"
        assert refused(nurse.originals.remove, made) == "vault.not_permitted"
    finally:
        nurse.close()


def test_bytes_that_were_changed_are_not_printed(house: House) -> None:
    made = house.originals.add(spec(), original())
    for file in (house.vault / "plans").rglob("*"):
        if file.is_file():
            data = bytearray(file.read_bytes())
            data[len(data) // 2] ^= 1
            file.write_bytes(bytes(data))
    assert refused(house.originals.content, made) == "original.not_here"
    assert refused(issue_originals, house, made, blank=1) == "original.not_here"
    assert house.journal.sheets() == ()


def test_blank_originals_have_serials_in_the_ledger(house: House) -> None:
    made = house.originals.add(spec(wet_ink=True), original())
    printed = issue_originals(house, made, blank=2)
    assert [s.form for s in printed.sheets] == ["S01", "S01"]
    assert printed.notes == (WET_INK,)
    for pdf, sheet in zip(printed.pdfs, printed.sheets, strict=True):
        assert sheet.serial in checks.page_texts(pdf)[0]
        assert house.journal.sheet(sheet.serial).form == "S01"
