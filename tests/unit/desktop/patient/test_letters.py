"""Letters with a file: a real MDM or ORU brings a PDF or a picture, the copy holds it sealed, the window draws it."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QSize
from PySide6.QtGui import QColor, QImage
from reportlab.pdfgen.canvas import Canvas

from desktop.app import App, dress, make_application
from desktop.patient.held_pages import MOST_PIXELS, LetterDamaged, page_picture, page_sizes
from desktop.patient.letters import LetterShelf
from desktop.screens import settle, unlock
from desktop.shell.tokens import LIGHT, Look
from localdb.house import make_house, open_house
from tests.conftest import Clock

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
SECRET = "lantern-oil-brass-wick"
NHS = "9990000018"
PID = f"PID|1||H204^^^NUH^MR~{NHS}^^^NHS^NH||OKONKWO^IFEOMA||19510314|F"
RED = QColor(200, 0, 0)


def pdf(pages: int = 2, size: tuple[float, float] = (595, 842)) -> bytes:
    """Pages that are red in their upper half and white below."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size)
    for n in range(pages):
        canvas.setFillColorRGB(200 / 255, 0, 0)
        canvas.rect(0, size[1] / 2, size[0], size[1] / 2, stroke=0, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        canvas.drawString(72, 72, f"Cardiology letter, page {n + 1}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def picture(name: str) -> bytes:
    image = QImage(40, 20, QImage.Format.Format_RGB32)
    image.fill(RED)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, name)  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def mdm(number: int, type_: str, subtype: str, data: bytes, trigger: str = "T02") -> str:
    return (
        f"MSH|^~\\&|LET|NUH|||20261124020{number}00||MDM^{trigger}|D{number}|P|2.5\r"
        f"EVN|{trigger}|20261124020{number}00\r{PID}\r"
        f"PV1|1|I\rTXA|1|CN|{subtype}|20261124020000||||||||DOC{number}|||||AU\r"
        f"OBX|1|ED|L^Letter^L||^{type_}^{subtype}^Base64^{base64.b64encode(data).decode()}||||||F\r"
    )


class Desk:
    """A vault filled through the messages, and the window on the letters of its only patient."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.vault, self.app = folder, folder / "vault", None
        make_house(self.vault, "Adaeze Obi", SECRET.encode(), device="W07", kdf="floor", clock=Clock(NOW))

    def fill(self, *messages: str) -> None:
        house = open_house(self.vault, SECRET.encode(), clock=Clock(NOW))
        file = self.folder / "letters.hl7"
        file.write_text("".join(messages), encoding="utf-8", newline="")
        house.fill([file], source="letters")
        house.close()

    def letters(self) -> LetterShelf:
        self.app = app = App(self.vault, clock=Clock(NOW), look=Look(LIGHT), size=QSize(1366, 768))
        dress(make_application(), app.look)
        app.show_gate()
        unlock(app, "Adaeze Obi", SECRET)
        settle(app)
        person: list[str] = []
        assert app.context is not None
        assert app.window is not None
        app.context.reader.ask("who", lambda reading: reading.resolve(NHS), lambda key, found: person.append(found))
        settle(app)
        app.window.show_patient(person[0])
        app.window.patient_page.set_section(6)
        settle(app)
        (shown,) = app.window.findChildren(LetterShelf)
        return shown

    def rest(self) -> None:
        """What comes into sight is asked for by drawing: draw until nothing more is asked."""
        assert self.app is not None
        assert self.app.window is not None
        for _ in range(3):
            self.app.window.grab()
            settle(self.app)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    if made.app is not None and made.app.window is not None:
        made.app.window.close()


def colour_in(letters: LetterShelf, across: float = 0.5) -> QColor:
    """The colour in the middle of the first page's upper half, as it stands on the screen."""
    pane = letters.sheet.pane
    (area,) = [a for a, b in pane._standing if b.words == "Page 1 of 2" and type(b).__name__ == "PageBlock"]
    image = pane.grab().toImage()
    ratio = image.devicePixelRatio()
    return image.pixelColor(round(area.center().x() * ratio), round((area.y() + area.height() * 0.25) * ratio))


def blob_files(vault: Path) -> list[Path]:
    return list((vault / "blobs").glob("*.blob"))


def test_a_pdf_from_a_message_is_drawn_in_the_window(desk: Desk) -> None:
    data = pdf()
    desk.fill(mdm(1, "application", "pdf", data))
    letters = desk.letters()
    desk.rest()
    said = letters.sheet.pane.accessibleDescription()
    assert "Page 1 of 2" in said
    assert "Page 2 of 2" in said
    assert "not shown here" not in said
    assert colour_in(letters) == RED
    kept = [p for p in desk.folder.rglob("*") if p.is_file() and p.suffix != ".hl7" and b"%PDF" in p.read_bytes()]
    assert kept == [], "the letter lies nowhere in the clear"


def test_a_picture_is_drawn_too(desk: Desk) -> None:
    desk.fill(mdm(1, "image", "jpeg", picture("JPEG")))
    letters = desk.letters()
    desk.rest()
    assert "Page 1 of 1" in letters.sheet.pane.accessibleDescription()


def test_a_file_that_is_no_pdf_says_so_and_what_to_do(desk: Desk) -> None:
    desk.fill(mdm(1, "application", "pdf", b"%PDF-1.7 torn off"))
    letters = desk.letters()
    desk.rest()
    said = letters.sheet.pane.accessibleDescription()
    assert "letter.damaged" in said
    assert "Ask the department" in said
    assert "Page 1" not in said


def test_a_file_that_is_gone_says_so(desk: Desk) -> None:
    desk.fill(mdm(1, "application", "pdf", pdf()))
    for file in blob_files(desk.vault):
        file.unlink()
    assert "letter.not_held" in desk.letters().sheet.pane.accessibleDescription()


def test_a_file_that_does_not_verify_says_so(desk: Desk) -> None:
    desk.fill(mdm(1, "application", "pdf", pdf()))
    (file,) = blob_files(desk.vault)
    sealed = bytearray(file.read_bytes())
    sealed[len(sealed) // 2] ^= 1
    file.write_bytes(bytes(sealed))
    assert "vault.damaged" in desk.letters().sheet.pane.accessibleDescription()


def test_a_withdrawn_letter_is_not_drawn(desk: Desk) -> None:
    first = mdm(1, "application", "pdf", pdf())
    cancelled = (
        first.replace("T02", "T11").replace("|D1|P", "|D9|P").replace("||20261124020100||", "||20261124020900||")
    )
    desk.fill(first, cancelled)
    letters = desk.letters()
    desk.rest()
    said = letters.sheet.pane.accessibleDescription()
    assert "WITHDRAWN" in said
    assert "Page 1" not in said


def test_an_answer_for_the_patient_before_is_refused(desk: Desk) -> None:
    desk.fill(mdm(1, "application", "pdf", pdf()))
    letters = desk.letters()
    desk.rest()
    opened = letters._opened
    (file,) = opened.values()
    file.sizes, file.pictures = [], type(file.pictures)()
    letters._stand.turn_to("P0000000000001")
    file._on_sizes(letters._key, [(595.0, 842.0)])
    file._on_page((letters._key, 0), QImage(1, 1, QImage.Format.Format_RGB32))
    assert (file.sizes, len(file.pictures)) == ([], 0)


def test_a_page_of_ten_metres_takes_no_more_than_its_share() -> None:
    data = pdf(1, (14400, 14400))
    (size,) = page_sizes(data, "application/pdf")
    shown = page_picture(data, "application/pdf", 0, size, 20_000)
    assert shown.width() * shown.height() <= MOST_PIXELS * 1.01


@pytest.mark.qt_log_ignore("Not a JPEG file")  # Qt says so itself; it names no content
@pytest.mark.parametrize("media", ["application/pdf", "image/png", "image/jpeg", "image/gif", "image/bmp"])
def test_bytes_that_are_something_else_are_refused(media: str) -> None:
    with pytest.raises(LetterDamaged):
        page_sizes(b"\x00something else", media)


def test_a_pdf_with_a_password_is_refused() -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption

    out = io.BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption("secret", canPrint=0))
    canvas.drawString(72, 72, "locked")
    canvas.save()
    with pytest.raises(LetterDamaged):
        page_sizes(out.getvalue(), "application/pdf")


def test_what_was_typed_into_a_form_is_drawn() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(200, 100))
    canvas.acroForm.textfield(
        name="reason", value="MMMMMMMM", x=10, y=30, width=180, height=40, fontSize=24, borderWidth=0, fillColor=None
    )
    canvas.showPage()
    canvas.save()
    image = page_picture(out.getvalue(), "application/pdf", 0, (200.0, 100.0), 400)
    dark = sum(image.pixelColor(x, y).lightness() < 100 for x in range(0, 400, 2) for y in range(60, 140, 2))
    assert dark > 100
