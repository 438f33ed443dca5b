"""The file of a letter or report, drawn inside the window from the copy's own bytes; no file is ever written (DESIGN D10).

The sealed bytes are read on the reader's bench and drawn on a bench of their own, so that a long scan holds up neither
the window nor the next patient. Pages are drawn when they come into sight; a few are kept, the others are drawn again.
An answer is taken only while the page of the patient stands on the key that asked (hazard H02).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF
from PySide6.QtGui import QImage, QImageReader, QPainter

from desktop.patient.blocks import Block, Boxed, Gap, Para
from desktop.patient.keyed import PatientKey, Stand
from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.tokens import Theme
from localdb.errors import InputRefused, WardlampError
from localdb.records.vocabulary import Attachment
from localdb.sources.filetext import sniff

if TYPE_CHECKING:
    from localdb.reading import LivingReading

PICTURES = {"image/jpeg": "jpeg", "image/png": "png", "image/gif": "gif", "image/bmp": "bmp", "image/tiff": "tiff"}
PDF = "application/pdf"
# A page of 12 million pixels is sharp on a 4K screen; a sender's page of ten metres must not take the memory.
MOST_PIXELS = 12_000_000
_KEPT = 6
MOST_PICTURES = 300  # of one scan
Size = tuple[float, float]


class LetterDamaged(InputRefused):
    """The file came as it is held, but it is no PDF or picture that can be drawn."""

    code = "letter.damaged"
    next_step = "Ask the department that wrote it for a paper copy, or for its content by telephone."


class LetterNotHeld(InputRefused):
    """The record of the letter is here, its file is not."""

    code = "letter.not_held"
    next_step = "Open it on the feeding machine, or ask the department that wrote it by telephone."


def is_drawn(file: Attachment) -> bool:
    """Whether a file can be opened here."""
    return bool(file.blob) and (file.media_type == PDF or file.media_type in PICTURES)


def file_words(file: Attachment) -> str:
    """`PDF, 120 kB`: what a file is, in words."""
    kinds = {PDF: "PDF", "text/rtf": "RTF text", "application/dicom": "DICOM object"}
    kind = "picture" if file.media_type in PICTURES else kinds.get(file.media_type, "file")
    return f"{kind}, {file.size // 1024 or 1} kB" if file.size else kind


def page_sizes(data: bytes, media_type: str) -> list[Size]:
    """(width, height) of each page, in points or pixels. Raises LetterDamaged. Runs on a bench."""
    if media_type in PICTURES:
        first = _picture(data, media_type, 0, 0.0).size()
        sizes = [(float(first.width()), float(first.height()))]
        for n in range(1, _picture_count(data, media_type)):
            with _reader(data, media_type) as reader:
                size = reader.size() if reader.jumpToImage(n) else first
            sizes.append((float(size.width()), float(size.height())) if size.isValid() else sizes[0])
        return sizes
    from pypdfium2 import PdfiumError

    from desktop.printing.preview import page_sizes as sizes_of  # late: pdfium is not needed before

    try:
        sizes = sizes_of(data)
    except PdfiumError:
        raise LetterDamaged("This letter's file cannot be read: it is damaged, or locked by a password.") from None
    if not sizes:
        raise LetterDamaged("This letter's file has no page.")
    return sizes


def page_picture(data: bytes, media_type: str, number: int, size: Size, wide: float) -> QImage:
    """Page `number` from 0, about `wide` device pixels across. Raises LetterDamaged. Runs on a bench."""
    if media_type in PICTURES:
        return _picture(data, media_type, number, wide)
    from pypdfium2 import PdfiumError

    from desktop.printing.preview import page_image

    scale = min(wide / max(size[0], 1.0), (MOST_PIXELS / max(size[0] * size[1], 1.0)) ** 0.5)
    try:
        page = page_image(data, number, 72 * scale, filled=True)
    except PdfiumError:
        raise LetterDamaged("This page of the letter cannot be drawn.") from None
    return QImage(page.rgba, page.width, page.height, page.width * 4, QImage.Format.Format_RGBX8888).copy()


def _picture_count(data: bytes, media_type: str) -> int:
    """A scan in TIFF has a page for each of its pictures; of a moving picture the first one is shown."""
    if media_type != "image/tiff":
        return 1
    with _reader(data, media_type) as reader:
        return min(max(reader.imageCount(), 1), MOST_PICTURES)


@contextmanager
def _reader(data: bytes, media_type: str) -> Iterator[QImageReader]:
    """A reader of the pictures. Raises LetterDamaged for what is no such picture."""
    if sniff(data) != media_type and not (media_type == "image/bmp" and data.startswith(b"BM")):
        raise LetterDamaged("This letter's picture is not of the kind that its sender said.")
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, PICTURES[media_type].encode())
    reader.setAutoTransform(True)  # a scan taken upright must not lie on its side
    try:
        yield reader
    finally:
        reader.setDevice(None)  # the scan's own reader goes first: it still closes the buffer that it read from
        buffer.close()


def _picture(data: bytes, media_type: str, number: int, wide: float) -> QImage:
    """`wide` 0: as large as it came, within MOST_PIXELS."""
    with _reader(data, media_type) as reader:
        if number and not reader.jumpToImage(number):
            raise LetterDamaged("This page of the letter's scan cannot be read: it is damaged.")
        size = reader.size()
        if size.isValid() and size.width() * size.height() > MOST_PIXELS:
            reader.setScaledSize(size * (MOST_PIXELS / (size.width() * size.height())) ** 0.5)
        image = reader.read()
    if image.isNull():
        raise LetterDamaged("This letter's picture cannot be read: it is damaged.")
    return image


class PageBlock:
    """One page at the width of the sheet; asks for its picture when it comes into sight."""

    def __init__(self, words: str, size: Size, picture: Callable[[], QImage | str | None]) -> None:
        """`picture`: the page, words why it cannot be drawn, or None while it is on its way."""
        self.words, self._size, self._picture = words, size, picture

    def height(self, width: float) -> float:
        return width * self._size[1] / max(self._size[0], 1.0) + 12

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        area = QRectF(x + 1, y + 1, width - 2, self.height(width) - 14)
        painter.fillRect(area, theme.color("panel"))
        image = self._picture()
        if image is None or isinstance(image, str):
            said = image or f"{self.words} is being opened."
            Para(said, "label", "ink2").draw(painter, x + 16, y + 16, width - 32, theme)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(area, image)
        paint.box(painter, area, border=theme.edge, radius=0)


class HeldFile:
    """One file for one patient key. `changed` is called when there is more to show."""

    def __init__(
        self, context: Context, stand: Stand, key: PatientKey, file: Attachment, wide: Callable[[], float],
        changed: Callable[[], None], name: str = "letter",
    ) -> None:  # fmt: skip
        """`wide`: how many device pixels a page is across now; `name`: what the file is called in words."""
        self._context, self._stand, self._key, self._file, self._name = context, stand, key, file, name
        self._wide, self._changed = wide, changed
        self._data = b""
        self.sizes: list[Size] = []
        self.pictures: OrderedDict[int, QImage] = OrderedDict()
        self._asked: set[int] = set()
        self.undrawn: dict[int, str] = {}  # pages that cannot be drawn, and why; the others stay readable
        self.error: WardlampError | None = None
        self._is_begun = False

    def blocks(self) -> list[Block]:
        """The pages; or why there is none."""
        if not self._is_begun:
            self._is_begun = True
            digest = self._file.blob
            self._context.reader.ask(self._key, lambda reading: _read(reading, digest), self._on_data, self._on_failed)
        if self.error is not None:
            said = [(f"This {self._name} cannot be shown", True), (f"{self.error.code}. {self.error.message}", False)]
            return [Gap(6), Boxed([*said, (self.error.next_step, False)], "warn", "caution")]
        if not self.sizes:
            return [Gap(6), Para(f"The {self._name} is being opened.", "body", "ink2")]
        count = len(self.sizes)
        made: list[Block] = [Gap(6)]
        for n, size in enumerate(self.sizes):
            words = f"Page {n + 1} of {count}"
            made += [Para(words, "label", "ink2"), PageBlock(words, size, lambda n=n: self._picture(n))]  # type: ignore[misc]
        return made

    def _picture(self, number: int) -> QImage | str | None:
        if number in self.undrawn:
            return self.undrawn[number]
        found = self.pictures.get(number)
        if found is not None:
            self.pictures.move_to_end(number)
        elif number not in self._asked:
            self._asked.add(number)
            data, media, size, wide = self._data, self._file.media_type, self.sizes[number], self._wide()
            self._bench().ask(
                (self._key, number), lambda _: page_picture(data, media, number, size, wide), self._on_page,
                self._on_page_failed,
            )  # fmt: skip
        return found

    def _bench(self) -> Any:
        return self._context.extra("letters")

    def _on_data(self, key: Hashable, data: bytes) -> None:
        if self._stand.admits(self._key):
            self._data, media = data, self._file.media_type
            self._bench().ask(self._key, lambda _: page_sizes(data, media), self._on_sizes, self._on_failed)

    def _on_sizes(self, key: Hashable, sizes: list[Size]) -> None:
        if self._stand.admits(self._key):
            self.sizes = sizes
            self._changed()

    def _on_page(self, key: tuple[PatientKey, int], image: QImage) -> None:
        if self._stand.admits(self._key):
            self._asked.discard(key[1])
            self.pictures[key[1]] = image
            while len(self.pictures) > _KEPT:
                self.pictures.popitem(last=False)
            self._changed()

    def _on_page_failed(self, key: tuple[PatientKey, int], error: WardlampError) -> None:
        if self._stand.admits(self._key):
            self.undrawn[key[1]] = f"Page {key[1] + 1}: {error.code}. {error.message} {error.next_step}"
            self._changed()

    def _on_failed(self, key: Hashable, error: WardlampError) -> None:
        if self._stand.admits(self._key):
            self.error = error
            self._changed()


def _read(reading: LivingReading, digest: str) -> bytes:
    """The bytes on the reader's bench. Raises LetterNotHeld, vault.damaged."""
    data = reading.blob(digest)
    if data is None:
        raise LetterNotHeld("This copy holds that there is a letter, but not its file.")
    return data
