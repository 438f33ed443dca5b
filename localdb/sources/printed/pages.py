"""The text of a PDF, page after page, as pdfium finds it. To be run in a reader's child: hostile files can end it."""

from __future__ import annotations

import pypdfium2
from pypdfium2 import raw

from localdb.sources.limits import MIB

LARGEST_FILE = 50 * MIB
MOST_PAGES = 300
LONGEST_TEXT = 400_000  # characters
_HYPHENS = {ord("\ufffe"): "-", ord("\x02"): "-", ord("\u00ad"): "-", ord("\r"): None}


class PrintRefused(Exception):
    """A report that cannot be read, or filed; `code` as in errors.toml, the text without patient data."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def text_of(data: bytes) -> tuple[str, int, bool]:
    """(text, pages, whether all of it is there). Raises PrintRefused."""
    if len(data) > LARGEST_FILE:
        raise PrintRefused("printed.too_large", f"the report is larger than {LARGEST_FILE // MIB} MiB")
    if b"%PDF-" not in data[:1024]:
        raise PrintRefused("printed.not_pdf", "the file is no PDF")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD:
            raise PrintRefused("printed.encrypted", "the report is protected by a password") from None
        raise PrintRefused("printed.unreadable", "the report is a PDF that cannot be opened") from None
    try:
        return _pages(document)
    except pypdfium2.PdfiumError:
        raise PrintRefused("printed.unreadable", "a page of the report cannot be read") from None
    finally:
        document.close()


def _pages(document: pypdfium2.PdfDocument) -> tuple[str, int, bool]:
    count = len(document)
    if not count:
        raise PrintRefused("printed.unreadable", "the report has no page")
    parts, size = [], 0
    for n in range(min(count, MOST_PAGES)):
        page = document[n]
        try:
            found = page.get_textpage()
            try:
                text = _clean(found.get_text_range())
            finally:
                found.close()
        finally:
            page.close()
        parts.append(text)
        size += len(text)
        if size > LONGEST_TEXT:
            return "\n\f\n".join(parts)[:LONGEST_TEXT], count, False
    return "\n\f\n".join(parts), count, count <= MOST_PAGES


def _clean(text: str) -> str:
    """Line ends as one sign, hyphens of broken words as hyphens, nothing else that does not print."""
    text = text.translate(_HYPHENS)
    return "".join(c for c in text if c in "\n\t" or c.isprintable())
