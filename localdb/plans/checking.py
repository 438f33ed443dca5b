"""What a coordinator may import: Markdown, CSV (directories) and PDF, small, whole, and with nothing in it that acts.

Markdown is UTF-8 without HTML and without pictures: nothing of it is ever fetched or run, and a link is its words. A PDF
must open in the PDF reader, in a child process with a time limit, without a password. Directories hold at least one
name with a number.
"""

from __future__ import annotations

import re
from datetime import date
from hashlib import sha256

import msgspec

from localdb.errors import InputRefused
from localdb.plans.directory import entries_of
from localdb.plans.papers import CSV, KINDS, MARKDOWN, PDF
from localdb.sources.printed.pages import PrintRefused, text_of
from localdb.sources.readers import Readers

LARGEST_PDF = 8 * 1024 * 1024
LARGEST_TEXT = 512 * 1024
LONGEST_WORDS = 200_000  # of a PDF, for the search
SECONDS = 20.0
TITLE_LONGEST = 120
_HTML = re.compile(r"<[A-Za-z/!?][^>\n]*>")
_PICTURE = re.compile(r"!\[")
_CODE = re.compile(r"`[^`\n]*`")


class PlanRefused(InputRefused):
    """A document that cannot be taken as it is."""

    code = "plan.unreadable"
    next_step = "Export it again as PDF or as plain Markdown, and look at it before it is imported."


class Checked(msgspec.Struct, frozen=True):
    """A document that may be taken: its media type, SHA-256 and, of a PDF, the words for the search."""

    media: str
    sha256: str
    words: str = ""


class _Read(msgspec.Struct, frozen=True):
    code: str = ""
    words: str = ""


def media_of(name: str, data: bytes) -> str:
    """The media type by the first bytes, else by the file's name. Raises plan.unknown_type."""
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return PDF
    ending = name.lower().rpartition(".")[2]
    found = {"md": MARKDOWN, "markdown": MARKDOWN, "csv": CSV}.get(ending)
    if found is None:
        raise PlanRefused("Only PDF, Markdown (.md) and CSV (.csv) can be imported.", code="plan.unknown_type",
                          next_step="Save the document as PDF, or write it as Markdown.")  # fmt: skip
    return found


def check(title: str, kind: str, media: str, data: bytes, valid_from: str = "", review: str = "") -> Checked:
    """Checks everything that can be refused. Raises plan.*."""
    if kind not in KINDS:
        raise PlanRefused("There is no such kind of document.", code="plan.unknown_kind",
                          next_step=f"Say one of: {', '.join(KINDS)}.")  # fmt: skip
    if not title.strip() or len(title) > TITLE_LONGEST or any(ord(c) < 32 for c in title):
        raise PlanRefused("A document needs a title of at most 120 letters on one line.", code="plan.title",
                          next_step="Give it a short title.")  # fmt: skip
    _check_dates(valid_from, review)
    if media == PDF:
        words = _check_pdf(data)
    else:
        words = ""
        text = text_checked(data)
        if kind == "directory" and not entries_of(text, media):
            raise PlanRefused("The directory holds no name with a number.", code="plan.no_numbers",
                              next_step="Give a table with the columns Name, Number and Hours.")  # fmt: skip
        if kind != "directory" and media == CSV:
            raise PlanRefused("A CSV file can only be a directory.", code="plan.unknown_type",
                              next_step="Save the document as PDF, or write it as Markdown.")  # fmt: skip
    if kind == "directory" and media == PDF:
        raise PlanRefused("A directory is Markdown or CSV, so that its numbers can be found by typing.",
                          code="plan.no_numbers",
                          next_step="Give a table with the columns Name, Number and Hours.")  # fmt: skip
    return Checked(media, sha256(data).hexdigest(), words)


def _check_dates(valid_from: str, review: str) -> None:
    for text in (valid_from, review):
        if text:
            try:
                is_date = len(text) == 10 and bool(date.fromisoformat(text))
            except ValueError:
                is_date = False
            if not is_date:
                raise PlanRefused("A date of the document cannot be read.", code="plan.date",
                                  next_step="Give dates as 2027-05-31.")  # fmt: skip
    if valid_from and review and review < valid_from:
        raise PlanRefused("The review date lies before the date from which it is valid.", code="plan.date",
                          next_step="Check the two dates.")  # fmt: skip


def text_checked(data: bytes) -> str:
    """The text of Markdown or CSV. Raises plan.too_large, plan.not_utf8, plan.not_plain."""
    if len(data) > LARGEST_TEXT:
        raise PlanRefused("The text is larger than 512 kB.", code="plan.too_large",
                          next_step="Split it into documents of one subject each.")  # fmt: skip
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PlanRefused("The text is not UTF-8.", code="plan.not_utf8", next_step="Save it as UTF-8.") from None
    if any((ord(c) < 32 and c not in "\n\r\t") or 0x7F <= ord(c) <= 0x9F for c in text):
        raise PlanRefused("The text holds characters that cannot be shown.", code="plan.not_plain")
    bare = _CODE.sub("", text)
    if _HTML.search(bare) or _PICTURE.search(bare):
        raise PlanRefused("The text holds HTML or a picture, which is never loaded here.", code="plan.not_plain",
                          next_step="Take HTML and pictures out, or import the document as PDF.")  # fmt: skip
    if not text.strip():
        raise PlanRefused("The document is empty.", code="plan.empty", next_step="Choose the right file.")
    return text


def read_pdf(data: bytes) -> bytes:
    """Runs in the child: the words of a PDF, or the code of why it cannot be taken."""
    try:
        found = _Read(words=text_of(data)[0][:LONGEST_WORDS])
    except PrintRefused as refused:
        found = _Read(code=refused.code)
    return msgspec.json.encode(found)


def _check_pdf(data: bytes) -> str:
    if len(data) > LARGEST_PDF:
        raise PlanRefused("The PDF is larger than 8 MB.", code="plan.too_large",
                          next_step="Save it with smaller pictures, or split it.")  # fmt: skip
    reader: Readers[bytes] = Readers(1, read_pdf, SECONDS)
    try:
        answer = reader.ask(data)
    finally:
        reader.close()
    found = msgspec.json.decode(answer, type=_Read) if answer is not None else _Read(code="printed.unreadable")
    if found.code == "printed.encrypted":
        raise PlanRefused("The PDF is locked by a password.", code="plan.locked",
                          next_step="Save it without a password.")  # fmt: skip
    if found.code:
        raise PlanRefused("The PDF cannot be opened.")
    return found.words
