"""The frame that every sheet shares (CLINICAL §6, LOOK §9, DESIGN D9, D10).

Hatch, title, serial in words and as Code 128, page n of m, copy n; the identity block on each side; the allergy strip;
the back-entry box; the age footer; corner marks. A frame fills a rectangle of the page: a whole A4, or one A5 half.
"""

from __future__ import annotations

from typing import Literal

from desktop.forms import codes
from desktop.forms.allergies import AllergyStrip
from desktop.forms.chart_text import struck_texts
from desktop.forms.identity import IdentityBlock
from desktop.forms.language import is_draft, tr
from desktop.forms.layout import Area
from desktop.forms.model import Form, FormModel
from desktop.forms.sheet import MM, Sheet
from desktop.forms.type import Line, Span, Style, glued, width, wrap
from localdb.chart import staleness, wording
from localdb.chart.registered import REGISTERED
from localdb.chart.struck import struck

A4 = (210 * MM, 297 * MM)
A4_LANDSCAPE = (297 * MM, 210 * MM)
LEFT, RIGHT, TOP = 22 * MM, 10 * MM, 10 * MM
_SMALL, _SMALL_BOLD, _PLAIN = Style("regular", 8), Style("semibold", 8), Style("regular", 9)
BACK_ENTRY = "BACK-ENTRY, when the systems return"
NOT_LIVE = "Wardlamp copy, not the live record."
TRAINING = "TRAINING, NOT A REAL PATIENT"
_BACK_HIGH = {"box": 13 * MM, "line": 6.5 * MM}
_BACK_LABELS = ("Entered by", "Date __-___-____  time __:__", "System ref.", "Not entered because")
_LEAST_RULED = 24.0  # points to write on behind a label of the back-entry line
_SERIAL_WIDE = 84 * MM
NOT_ISSUED = "PREVIEW, NOT ISSUED"
DRAFT = "DRAFT TRANSLATION, not checked."


def head_lines(form: Form, model: FormModel) -> tuple[str, str]:
    """The two lines under the title: form, version, downtime and incident; then what the sheet is for."""
    word = state_word(model)
    version = tr("version {number}").format(number=form.version)
    incident = " " + tr("incident {number}").format(number=model.site.incident) if model.site.incident else ""
    return f"{form.code} {version}{f' {word}' if word else ''}{incident}", tr(form.use)


def state_word(model: FormModel) -> str:
    """`DOWNTIME`; `LABORATORY DOWN` where one system is struck and the others live, `2 SYSTEMS DOWN` where several."""
    found = struck(model.sources, titles=model.site.titles)
    if len(found) == 1:
        return tr("{system} DOWN").format(system=wording.clean(found[0].title).upper())
    if found:
        return tr("{count} SYSTEMS DOWN").format(count=len(found))
    return tr("DOWNTIME") if model.site.incident or any(s.declared == "down" for s in model.sources) else ""


def ages(model: FormModel) -> list[str]:
    """How far each source goes, those of equal age and state together, worst first."""
    found: dict[tuple[str, str], list[str]] = {}
    newest = staleness.newest_cut(model.sources)
    states = [staleness.of_source(s, model.printed_at, zone=model.site.zone, newest=newest) for s in model.sources]
    for s in sorted(states, key=lambda s: (-staleness.ORDER.index(s.state), -(s.minutes or 0), s.source)):
        found.setdefault((s.as_of, s.word), []).append(s.source)
    return [
        f"{', '.join(names)} {tr(word)}"
        if not as_of
        else tr("{sources} to {when} ({state})").format(sources=", ".join(names), when=as_of, state=tr(word))
        for (as_of, word), names in found.items()
    ]


def footer_texts(form: Form, model: FormModel) -> tuple[str, str]:
    """The footer: who printed when and how far the copy goes; until when the print may be used."""
    zone = model.site.zone
    printed = tr("Printed {when} by {who}").format(
        when=wording.instant_text(model.printed_at, zone), who=wording.clean(model.staff)
    )
    if model.device:
        printed += " " + tr("on laptop {device}").format(device=model.device)
    last = tr(NOT_LIVE) + (f" {tr(DRAFT)}" if is_draft(model.site.language) else "")
    if model.blank:
        return f"{printed}.", f"{tr('Blank form, written by hand.')} {last}"
    until = tr("Use until {when} or until replaced.").format(
        when=wording.instant_text(model.printed_at + form.valid, zone)
    )
    return f"{printed}.{_copy_text(form, model)}", f"{until} {last}"


def _copy_text(form: Form, model: FormModel) -> str:
    """How far the copy goes, and what is struck. A person registered here is in no copy: then that is said instead."""
    if model.chart is not None and model.chart.patient.scope == REGISTERED:
        return " " + tr("Registered here during downtime, not in any copy.")
    complete = tr("Copy complete: {ages}. What came later is not here.")
    copy = " " + complete.format(ages="; ".join(ages(model))) if model.sources else ""
    # F03 says it in a banner of its own; its half page has no room for it twice.
    down = "" if form.code == "F03" else "".join(f" {t}" for t in struck_texts(model))
    return copy + down + "".join(f" {text}" for s in model.sources if (text := staleness.drift_sentence(s)))


class Frame:
    """A frame in the rectangle from `top` down `height` points; `content` is what it leaves free."""

    def __init__(
        self, form: Form, model: FormModel, size: tuple[float, float] = A4, *, top: float = 0, height: float = 0,
        note: str = "", back_entry: Literal["box", "line"] = "box",
    ) -> None:  # fmt: skip
        self.form, self.model = form, model
        self._top, self._back_entry = top, back_entry
        # A half page has one reader for all its copies; the copies of a set go to one reader each.
        self._notes = tuple(tr(t) for t in ([note] if note else [f"for the {part}" for part in form.parts]))
        self._height = height or size[1]
        self._half = self._height < size[1]
        self._right = size[0] - RIGHT
        self.width = self._right - LEFT
        code = self._code = codes.page_code(form.code, model.serial, model.key)
        # Room for the largest symbol that any serial can need: the layout may not depend on the serial, which is
        # recorded after the pages are counted.
        widest = codes.datamatrix(codes.page_code(form.code, "W" * 12 + "*", model.key))[0] * codes.DATAMATRIX_MODULE
        self._block = IdentityBlock(model, code, widest, form.hint)
        self._code_side = widest
        # On a blank the symbol stands beside the title: a label would cover it in the block.
        self._room = self._right - self._block.wide - 10 - LEFT - (self._code_side + 8 if model.blank else 0)
        # A landscape page has room for the serial beside the title.
        self._serial_beside = size[0] > size[1]
        if self._serial_beside:
            self._room -= _SERIAL_WIDE
        self._title = self._title_lines()
        self._strip = AllergyStrip(model, self.width) if form.allergies else None
        one, two = footer_texts(form, model)
        self._footer: list[Line] = wrap([(glued(one), _SMALL)], self.width) + wrap(
            [(glued(two), _SMALL_BOLD)], self.width
        )
        self.content = self._area()

    def _title_lines(self) -> list[Line]:
        room = self._room
        lines = wrap([(tr(self.form.title), Style("bold", 20))], room)
        return lines if len(lines) == 1 else wrap([(tr(self.form.title), Style("bold", 14))], room)

    @property
    def _back_high(self) -> float:
        more = (len(self._back_rows()) - 1) * 5.5 * MM if self._back_entry == "line" else 0
        return _BACK_HIGH[self._back_entry] + more

    def _area(self) -> Area:
        head = self._top + TOP + 6 * MM
        self._head_end = head + self._head_height()
        end = max(self._head_end, head + self._block.height) + 3 * MM
        self._strip_top = end
        if self._strip is not None:
            end += self._strip.height + 2.5 * MM
        low = self._top + self._height - (6 if self._half else 9.5) * MM
        self._footer_top = low - len(self._footer) * 9.6
        self._back_top = self._footer_top - self._back_high - 1 * MM
        return Area(LEFT, end, self.width, self._back_top - 2 * MM)

    def _head_height(self) -> float:
        use = wrap([(tr(self.form.use), _PLAIN)], self._room)
        words = 11 + len(self._title) * 22 + 14 * len(self._form_line()) + len(use) * 11.5
        serial = codes.CODE128_HEIGHT + 18 + (11.5 if self._copy_below() else 0)
        return max(words, serial) if self._serial_beside else words + 4 + serial

    def draw(self, sheet: Sheet, page: int, pages: int, copy: int) -> None:
        """Everything of the frame on the present page."""
        self._draw_edge(sheet)
        self._draw_head(sheet, page, pages, copy)
        self._block.draw(sheet, self._right - self._block.wide, self._top + TOP + 6 * MM)
        if self._strip is not None:
            self._strip.draw(sheet, LEFT, self._strip_top)
        self._draw_back_entry(sheet)
        for n, line in enumerate(self._footer):
            sheet.text(LEFT, self._footer_top + 7.4 + n * 9.6, line.spans)
        if self.model.site.training:
            self._draw_training(sheet)

    def _draw_edge(self, sheet: Sheet) -> None:
        top, low = self._top, self._top + self._height
        sheet.hatch(LEFT, top + TOP, self.width, 3 * MM)
        mark = 3 * MM
        for x, y in (
            (LEFT - 6 * MM, top + TOP - 2 * MM),
            (LEFT - 6 * MM, low - 6 * MM - mark),
            (self._right - mark, low - 6 * MM - mark),
        ):
            if not self._half:
                sheet.box(x, y, mark, mark, 0.1, filled=True)

    def _draw_head(self, sheet: Sheet, page: int, pages: int, copy: int) -> None:
        y = self._top + TOP + 6 * MM + 8
        sheet.text(LEFT, y, self.model.site.hospital, _PLAIN)
        for line in self._title:
            y += 22
            sheet.text(LEFT, y, line.spans)
        for line in self._form_line():
            y += 14
            sheet.text(LEFT, y, line.spans)
        for line in wrap([(tr(self.form.use), _PLAIN)], self._room):
            y += 11.5
            sheet.text(LEFT, y, line.spans)
        if self._serial_beside:
            self._draw_serial(sheet, LEFT + self._room + 4, self._top + TOP + 6 * MM, page, pages, copy)
        else:
            self._draw_serial(sheet, LEFT, y + 6, page, pages, copy)
        if self.model.blank and self.model.serial:
            left = self._right - self._block.wide - 8 - self._code_side
            sheet.datamatrix(left, self._top + TOP + 6 * MM, self._code)

    def _form_line(self) -> list[Line]:
        bold = Style("semibold", 10)
        code, _, more = head_lines(self.form, self.model)[0].partition(" ")
        word = state_word(self.model)
        before, downtime, after = more.partition(word) if word else (more, "", "")
        spans: list[Span] = [(code, bold), (" " + before, _PLAIN)]
        return wrap(spans + ([(downtime, bold), (after, _PLAIN)] if downtime else []), self._room)

    def _draw_serial(self, sheet: Sheet, left: float, y: float, page: int, pages: int, copy: int) -> None:
        serial = self.model.serial
        if serial:
            sheet.code128(left, y, serial)
        at = y + codes.CODE128_HEIGHT + 12
        end = sheet.text(left, at, serial or tr(NOT_ISSUED), Style("ident", 12))
        end = sheet.text(end + 14, at, tr("page"), _PLAIN)
        of = tr("{page} of {pages}").format(page=page, pages=pages)
        end = sheet.text(end + 4, at, of, Style("semibold", 11))
        words = self._copy_words(copy, self._notes[(copy - 1) % len(self._notes)] if self._notes else "")
        if self._copy_below():
            sheet.text(left, at + 11.5, words, _PLAIN)
        else:
            sheet.text(end + 12, at, words, _PLAIN)

    @staticmethod
    def _copy_words(copy: int, note: str) -> str:
        words = tr("copy {number}").format(number=copy)
        return f"{words}, {note}" if note else words

    def _copy_below(self) -> bool:
        """Whether the copy needs a line of its own: a wide identity block leaves no room beside the page number."""
        words = max(width(self._copy_words(99, note), _PLAIN) for note in self._notes or ("",))
        least = width("W" * 13, Style("ident", 12)) + 14 + width(tr("page") + " ", _PLAIN) + 4
        least += width(tr("{page} of {pages}").format(page=99, pages=99), Style("semibold", 11)) + 12 + words
        return least > (_SERIAL_WIDE - 4 if self._serial_beside else self._right - self._block.wide - 6 - LEFT)

    def _draw_back_entry(self, sheet: Sheet) -> None:
        y, high = self._back_top, self._back_high
        sheet.box(LEFT, y, self.width, high, 0.9)
        sheet.hatch(LEFT, y, 4 * MM, high, 1.9 * MM)
        x = LEFT + 6 * MM
        if self._back_entry == "line":
            self._draw_back_line(sheet, x, y + high - 5)
            return
        sheet.text(x, y + 11, tr(BACK_ENTRY), _SMALL_BOLD)
        room = self.width - 6 * MM - 8
        named = [
            (tr(label), share)
            for label, share in (
                ("Entered by", 0.23), ("Date __-___-____  time __:__", 0.27), ("System reference", 0.2),
                ("Not entered because", 0.3),
            )
        ]  # fmt: skip
        wides = [room * share for _, share in named]
        if any(width(label, _SMALL) + 10 > wide for (label, _), wide in zip(named, wides, strict=True)):
            # In a longer language each label has what it needs, and the rest is shared.
            free = room - sum(width(label, _SMALL) + 10 for label, _ in named)
            wides = [width(label, _SMALL) + 10 + free * share for label, share in named]
        for (label, _), wide in zip(named, wides, strict=True):
            sheet.line(x, y + high - 13, x + wide - 8, y + high - 13)
            sheet.text(x, y + high - 4, label, _SMALL)
            x += wide

    def _back_rows(self) -> list[tuple[str, ...]]:
        """The labels of the short back-entry box: on one line, in a longer language on two, so that there is room to
        write behind each."""
        if self._ruled(_BACK_LABELS, width(tr("BACK-ENTRY"), _SMALL_BOLD) + 8) >= _LEAST_RULED:
            return [_BACK_LABELS]
        return [_BACK_LABELS[:2], _BACK_LABELS[2:]]

    def _ruled(self, labels: tuple[str, ...], before: float) -> float:
        """How long the line behind each label is, in points."""
        taken = sum(width(tr(label), _SMALL) + 6 for label in labels)
        count = sum(not label.startswith("Date") for label in labels)
        return (self.width - 6 * MM - 6 - before - taken) / count - 4

    def _draw_back_line(self, sheet: Sheet, left: float, low: float) -> None:
        """The same fields as the box for half pages and wide ones."""
        rows = self._back_rows()
        start = sheet.text(left, low - (len(rows) - 1) * 5.5 * MM, tr("BACK-ENTRY"), _SMALL_BOLD) + 8
        for n, labels in enumerate(rows):
            x, y = start, low - (len(rows) - 1 - n) * 5.5 * MM
            ruled = self._ruled(labels, start - left)
            for label in labels:
                x = sheet.text(x, y, tr(label), _SMALL) + 4
                if not label.startswith("Date"):
                    sheet.line(x, y + 1, x + ruled, y + 1)
                    x += ruled
                x += 6

    def _draw_training(self, sheet: Sheet) -> None:
        """TRAINING in the hatch, so that no made-up page is taken for a patient's (LOOK §1.5)."""
        style = Style("bold", 9)
        words = tr(TRAINING)
        wide = width(words, style) + 12
        sheet.patch(LEFT + (self.width - wide) / 2, self._top + TOP - 1.5, wide, 3 * MM + 3)
        sheet.text(LEFT + self.width / 2, self._top + TOP + 7.5, words, style, align="centre")
