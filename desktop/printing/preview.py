"""Pages of a PDF as pictures, from memory (STACK-desktop §7); also the sheets of a pack as PDFs of their own. No Qt."""

from __future__ import annotations

import ctypes
import io
from collections.abc import Sequence
from threading import Lock

import msgspec
import pypdfium2
from pypdfium2 import raw

# pdfium is not safe to use from two threads at once.
_PDFIUM = Lock()


class PageImage(msgspec.Struct, frozen=True):
    """A page as RGBA bytes, four a pixel, rows from the top without padding."""

    width: int
    height: int
    rgba: bytes


def page_count(pdf: bytes) -> int:
    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return len(document)
        finally:
            document.close()


def page_sizes(pdf: bytes) -> list[tuple[float, float]]:
    """(width, height) of each page in points, turned as the page is shown. Raises pypdfium2.PdfiumError."""
    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return [document.get_page_size(n) for n in range(len(document))]
        finally:
            document.close()


def page_image(pdf: bytes, number: int, dpi: float = 96, *, filled: bool = False) -> PageImage:
    """Page `number` from 0 at `dpi`. Raises IndexError where there is no such page. `filled`: with what was typed into
    the fields of a form, which a letter from elsewhere may hold and our own sheets never do."""
    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            if filled:
                document.init_forms()
            if not 0 <= number < len(document):
                raise IndexError(number)
            bitmap = document[number].render(scale=dpi / 72, rev_byteorder=True, prefer_bgrx=True)
            held = bytes(bitmap.buffer)
            row = bitmap.width * 4
            if bitmap.stride != row:
                held = b"".join(held[y * bitmap.stride : y * bitmap.stride + row] for y in range(bitmap.height))
            return PageImage(bitmap.width, bitmap.height, held)
        finally:
            document.close()


def split(pdf: bytes, counts: Sequence[int]) -> tuple[bytes, ...]:
    """The PDFs of the sheets of a pack that have so many pages each: a sheet is a print job of its own (D10)."""
    out: list[bytes] = []
    with _PDFIUM:
        whole = pypdfium2.PdfDocument(pdf)
        try:
            first = 0
            for count in counts:
                part = pypdfium2.PdfDocument.new()
                part.import_pages(whole, list(range(first, first + count)))
                first += count
                kept = io.BytesIO()
                part.save(kept)
                part.close()
                out.append(kept.getvalue())
        finally:
            whole.close()
    return tuple(out)


def stamped(pdf: bytes, words: Sequence[str]) -> bytes:
    """The same pages, with `words[n]` in one small line at the foot of page n."""
    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            for n, line in enumerate(words[: len(document)]):
                page = document[n]
                size = min(7.0, max(3.0, 2 * (page.get_width() - 40) / max(1, len(line))))
                made = raw.FPDFPageObj_NewTextObj(document.raw, b"Helvetica", size)
                held = ctypes.create_string_buffer((line + "\x00").encode("utf-16-le"))
                raw.FPDFText_SetText(made, ctypes.cast(held, raw.FPDF_WIDESTRING))
                raw.FPDFPageObj_Transform(made, 1, 0, 0, 1, 20, 8)
                raw.FPDFPage_InsertObject(page.raw, made)
                raw.FPDFPage_GenerateContent(page.raw)
                page.close()
            out = io.BytesIO()
            document.save(out)
            return out.getvalue()
        finally:
            document.close()
