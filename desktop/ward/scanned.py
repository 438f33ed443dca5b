"""What a scan asks: whom it names, by a micro banner that a person confirms; never more than a question (CLINICAL §8).

It lies under the banner (LOOK §6 Dialog), so that who is open now stays readable above it, and says so in words. Enter on
"Open …" opens; Esc leaves everything as it is. What was read is looked up beside the window's thread; only the answer to
the newest scan is shown. Nothing of a code is ever logged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.patient.sheet import Scroller
from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.lists import RowList
from desktop.shell.parts import Button, MicroBanner, Text
from desktop.shell.spoken import long_dates
from desktop.shell.tokens import DIALOG_RADIUS, TARGET, Look
from desktop.ward.hits import PersonRow, person_row
from localdb.chart import wording
from localdb.chart.scan_patterns import Scanning
from localdb.chart.scanning import GS1, Band, SheetCode, number_label, read_scan
from localdb.chart.views import PatientView
from localdb.errors import WardlampError
from localdb.identifying import Identified, Person, identify

_TEST = re.compile(r"WT[0-9A-Z]{9}[0-9A-Z*]")  # a printer's test page (desktop/printing/testpage.py)
WIDE, WIDEST, HIGH = 720, 840, 556  # a list of people needs all that LOOK §6 gives: 840 × 560
THIN = "Not of this ward: only identity, allergies and alerts are in this copy."
_STATES = {
    "issued": "has its number, no page was made yet", "made": "page made", "printed": "printed",
    "returned": "came back", "entered": "typed into the live system", "scanned": "scanned into the live system",
    "void": "void", "spoiled": "spoiled", "lost": "lost",
}  # fmt: skip


def who_words(view: PatientView) -> str:
    return wording.display_name(view.name)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a dialog shows. `lines` (token, words) in order; `opens` the person whom the primary button opens ("" =
    nobody); `sheet` the serial that the ledger can show; `rows` to choose from."""

    title: str
    person: PatientView | None = None
    lines: tuple[tuple[str, str], ...] = ()
    go: str = ""
    opens: str = ""
    sheet: str = ""
    rows: tuple[Person, ...] = ()


def question_of(found: Identified, now_open: PatientView | None, zone: str) -> Question:
    """The question that an answer of `identify` becomes; `now_open` is the patient on screen. Pure."""
    lines = [("warn", words) for words in found.cautions]
    if isinstance(found.scan, SheetCode):
        return _of_sheet(found, lines, now_open, zone)
    if found.is_choice:
        title = "Which patient is it?"
        lines.insert(0, ("ink", "Choose by two identifiers, from the band itself."))
        return Question(title=title, lines=(*_band_lines(found.scan), *lines), rows=found.people)
    person = found.people[0]
    about = (*_band_lines(found.scan), *_person_lines(person), *lines)
    return _to_open(f"Open {who_words(person.view)}?", person.view, about, now_open)


def _to_open(
    title: str, view: PatientView, lines: Sequence[tuple[str, str]], now_open: PatientView | None
) -> Question:  # fmt: skip
    name = who_words(view)
    if now_open is not None and now_open.id in (view.id, *view.ids):
        lines = [("ink", f"{name} is open already."), *lines]
        return Question(title=title.replace("Open ", "", 1).rstrip("?"), person=view, lines=tuple(lines), go="Go on")
    if now_open is not None:
        other = f"Open now: {who_words(now_open)}. That record closes; what is half written for it is kept."
        lines = [("hi", other), *lines]
    return Question(title=title, person=view, lines=tuple(lines), go="Open this record", opens=view.id)


def _person_lines(person: Person) -> list[tuple[str, str]]:
    view, said = person.view, []
    if person.alike:
        said.append(("hi", f"{person.alike}: somebody there could be mistaken for this patient."))
    if view.is_deceased:
        said.append(("hi", f"Died {wording.date_time(view.deceased, missing='on a date not recorded')}."))
    if view.scope == "thin":
        said.append(("warn", THIN))
    return said


def _band_lines(band: Band) -> list[tuple[str, str]]:
    """How the code was read, and what it says in words, to be compared with the band."""
    facts = [
        ", ".join(x for x in (band.family, band.given) if x),
        f"born {_born(band.born)}" if band.born else "",
        f"{number_label(band.nhs)} {wording.nhs_number(band.nhs)}" if band.nhs else "",
        f"Hospital No. {band.mrn}" if band.mrn else "",
    ]
    read = "; ".join(wording.clean(f).replace(" ", "\u00a0") for f in facts if f)
    if band.read_as == GS1:
        return [("ink2", f"Read from the wristband: {read}.")]
    return [("ink2", f"Read by the {band.read_as}: {read}." if "pattern" in band.read_as else f"Read: {read}.")]


def _born(iso: str) -> str:
    year, month, day = iso.split("-")
    return f"{day}-{wording.MONTHS[int(month) - 1]}-{year}"


def _of_sheet(
    found: Identified, lines: list[tuple[str, str]], now_open: PatientView | None, zone: str
) -> Question:  # fmt: skip
    from desktop.forms.catalogue import FORMS

    code = found.scan
    assert isinstance(code, SheetCode)
    form = FORMS[code.form].title if code.form in FORMS else f"form {code.form}"
    serial = f"{code.serial[:4]} {code.serial[4:7]} {code.serial[7:]}"
    about: list[tuple[str, str]] = []
    if found.sheet is not None:
        size = f"{found.sheet.pages} page{'' if found.sheet.pages == 1 else 's'}"
        about.append(("ink", f"{form}, {size}{', blank' if found.sheet.blank else ''}."))
        for step in found.steps:
            words = _STATES.get(step.state, step.state)
            when = wording.date_time(step.written, zone)
            about.append(("ink", f"{when}  {words}, {step.staff}{f': {step.remark}' if step.remark else ''}"))
    title = f"Sheet {serial}"
    if not found.people:
        of_ward = code.key.removeprefix("ward:") if code.key.startswith("ward:") else ""
        nobody = f"A list of {of_ward}: it is nobody's own." if of_ward else "It carries no patient."
        known = any("not in this copy" in words for _, words in lines)
        about += [] if known else [("ink2", nobody)]
        return Question(title=title, lines=(*lines, *about), go="", sheet=code.serial if found.sheet else "")
    person = found.people[0]
    made = _to_open(title, person.view, [*lines, *_person_lines(person), *about], now_open)
    return msgspec.structs.replace(made, title=title, sheet=code.serial if found.sheet else "")


def _test_back(house: Any, text: str) -> str:
    """The printer whose test page was scanned back. Raises print.*."""
    from desktop.printing.testing import scanned_back

    return scanned_back(house, text).printer


class ScanPanel(QWidget):
    """The veil and the question. `opened(person id)`; `searched()`: find the patient by hand instead. Whom a list wishes to
    open comes here first (`Context.open_found`)."""

    opened = Signal(str)
    sheet_opened = Signal(str)  # a serial that the ledger shall show
    searched = Signal()

    def __init__(
        self, context: Context, parent: QWidget, top: Callable[[], int], now_open: Callable[[], PatientView | None]
    ) -> None:
        """`top()`: the y below the banner in `parent`; `now_open()`: the patient who is on screen."""
        super().__init__(parent)
        self._context, self._look = context, context.look
        self._top, self._now_open = top, now_open
        self._count = 0
        self._before: QWidget | None = None
        self.dialog: ScanDialog | None = None
        parent.installEventFilter(self)
        context.open_found.connect(self.open_found)
        self._look.changed.connect(self.update)
        self.setAccessibleName("Scanned")
        self.hide()

    # -- asking -------------------------------------------------------------------------------------------------

    def on_scan(self, text: str) -> None:
        """A code was read: what it says, at once; whom it names, when the copy has answered."""
        self._count += 1
        if _TEST.fullmatch(text.strip().upper()):
            self._context.writer.ask(("test", self._count), lambda house: _test_back(house, text), self._on_tested,
                                     self._on_test_failed)  # fmt: skip
            return
        try:
            scan = read_scan(text, self._site())
        except WardlampError as error:
            self.refuse(error)
            return
        house = self._context.house
        ledger: Any = getattr(house, "journal", None)
        self._context.reader.ask(
            ("scan", self._count), lambda reading: identify(scan, reading, ledger), self._on_found, self._on_failed,
            lane="scan",
        )  # fmt: skip

    def _on_tested(self, key: Hashable, printer: str) -> None:
        self._context.say(f"{printer}: its test page was scanned back. Printer and scanner work.", "done")

    def _on_test_failed(self, key: Hashable, error: WardlampError) -> None:
        self.refuse(error)

    def _site(self) -> Scanning:
        """The site's patterns; they were checked when they were taken in."""
        return msgspec.convert(self._context.house.site.get("scanning") or {}, Scanning)

    def _on_found(self, key: Hashable, found: Identified) -> None:
        if key == ("scan", self._count):
            self.ask(question_of(found, self._now_open(), self._context.zone))

    def _on_failed(self, key: Hashable, error: WardlampError) -> None:
        if key == ("scan", self._count):
            self.refuse(error)

    def refuse(self, error: WardlampError) -> None:
        """The code opens nobody: why, and what to do."""
        lines = (("ink", error.message), ("ink", error.next_step), ("ink2", error.code))
        self.ask(Question(title="That code opens nobody", lines=lines))

    # -- showing ------------------------------------------------------------------------------------------------

    def ask(self, question: Question) -> None:
        self._throw_away()
        if self._before is None:
            self._before = self.window().focusWidget()
        dialog = ScanDialog(self._context, question, self)
        dialog.opened.connect(self._on_open)
        dialog.chosen.connect(self._on_chosen)
        dialog.left.connect(self.leave)
        dialog.searched.connect(self._on_search)
        dialog.sheet_wanted.connect(self._on_sheet)
        self.dialog = dialog
        self._place()
        self.show()
        self.raise_()
        dialog.show()
        dialog.first.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_found(self, view: PatientView, alike: str) -> None:
        """Somebody was chosen from a list: opened at once only where this copy holds their record."""
        if view.scope == "thin":
            self.ask_about(Person(view=view, alike=alike))
        else:
            self._on_open(view.id)

    def ask_about(self, person: Person) -> None:
        """Somebody of whom this copy holds no record: two identifiers are checked before the banner is agreed to
        (CLINICAL §1.3, H01)."""
        check = ("ink", "Check two identifiers with the wristband or the person, then open.")
        lines = [*_person_lines(person), check]
        self.ask(_to_open(f"Open {who_words(person.view)}?", person.view, lines, self._now_open()))

    def leave(self) -> None:
        """Everything as it was before the scan; an answer that is on its way is for nobody."""
        self._count += 1
        before, self._before = self._before, None
        was_shown = self.dialog is not None
        self._throw_away()
        self.hide()
        if was_shown and before is not None and before.isVisible():
            before.setFocus()

    def forget(self) -> None:
        """The screen changes: the question goes without giving the focus back."""
        self._before = None
        self.leave()

    def _throw_away(self) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.is_answered = True
            dialog.hide()
            dialog.deleteLater()

    def _on_open(self, person: str) -> None:
        self.forget()
        self.opened.emit(person)

    def _on_chosen(self, person: Person) -> None:
        """Chosen from several: still the banner is confirmed."""
        view = person.view
        lines = _person_lines(person)
        self.ask(_to_open(f"Open {who_words(view)}?", view, lines, self._now_open()))

    def _on_sheet(self, serial: str) -> None:
        self.forget()
        self.sheet_opened.emit(serial)

    def _on_search(self) -> None:
        self.forget()
        self.searched.emit()

    # -- Qt -----------------------------------------------------------------------------------------------------

    def eventFilter(self, watched, event) -> bool:  # type: ignore[no-untyped-def]
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget() and self.dialog is not None:
            self._place()
        return False

    def _place(self) -> None:
        over = self.parentWidget()
        top = self._top()
        self.setGeometry(0, top, over.width(), over.height() - top)
        if self.dialog is not None:
            most = WIDEST if self.dialog.list is not None else WIDE
            wide, room = min(most, self.width() - 24), self.height() - 16
            high = min(HIGH, room, self.dialog.height_for(wide))
            self.dialog.setGeometry((self.width() - wide) // 2, max(8, min(48, (room - high) // 3)), wide, high)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint.veil(QPainter(self), QRectF(self.rect()), self._look.theme)


class ScanDialog(QFrame):
    """One question: title, whose it is, what must be known, and the answers."""

    opened = Signal(str)
    sheet_wanted = Signal(str)
    chosen = Signal(object)
    left = Signal()
    searched = Signal()

    def __init__(self, context: Context, question: Question, parent: QWidget) -> None:
        super().__init__(parent)
        self._look: Look = context.look
        self.question, self.is_answered = question, False
        self.setAccessibleName(question.title)
        spoken = ". ".join(words for _, words in question.lines)
        self.setAccessibleDescription(long_dates(spoken))
        self.cancel = Button(self._look, "Leave it", "quiet", hint="Esc", name="Leave everything as it is")
        self.search = Button(self._look, "Find by name", "normal", hint="F2")
        self.sheet = Button(self._look, "Where is it", "normal", name="Show the sheet in the ledger")
        self.go = Button(self._look, "", "primary", hint="Enter")
        self.list: RowList | None = None
        self.banner: MicroBanner | None = None
        self._title = Text(self._look, question.title, "title", wrap=True)
        self._lines = QWidget()
        self._scroller = Scroller(self._lines, "What was scanned").ring(self._look)
        self._scroller.setMinimumHeight(TARGET)
        self._lay_out(context)
        self.cancel.clicked.connect(self.left)
        self.search.clicked.connect(self.searched)
        self.sheet.clicked.connect(self._on_sheet)
        self.go.clicked.connect(self._on_go)
        self._look.changed.connect(self.update)

    def _lay_out(self, context: Context) -> None:
        asked = self.question
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 12, 24, 12)
        column.setSpacing(8)
        column.addWidget(self._title)
        if asked.person is not None:
            view = asked.person
            born = wording.born_text(view.born, context.now(), context.zone, estimated=view.born_estimated)
            self.banner = MicroBanner(self._look, who_words(view), born, wording.nhs_number(view.nhs))
            column.addWidget(self.banner)
        inner = QVBoxLayout(self._lines)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        for token, words in asked.lines:
            weight = 600 if token in ("hi", "warn") else None
            inner.addWidget(Text(self._look, words, "body", token, weight=weight, wrap=True))
        inner.addStretch(1)
        column.addWidget(self._scroller, 1)
        if asked.rows:
            self._add_list(context, column)
        self._add_buttons(column)

    def _add_list(self, context: Context, column: QVBoxLayout) -> None:
        self.list = RowList(self._look, "Whom the code may mean")
        self._now = context.now()
        self._fold()
        self.list.widened.connect(self._fold)
        self.list.opened.connect(self._on_row)
        self._scroller.setMaximumHeight(110)
        column.addWidget(self.list, 3)

    def _fold(self, room: float = 0) -> None:
        """The rows for the width that there is, or that there will be."""
        if self.list is not None:
            room = room or self.list.room
            rows = [person_row(p.view, self._now, alike=p.alike, room=room) for p in self.question.rows]
            self.list.show_rows(rows, keep=True)

    def _add_buttons(self, column: QVBoxLayout) -> None:
        asked, row = self.question, QHBoxLayout()
        row.addWidget(self.cancel)
        row.addStretch(1)
        for button in (self.search, self.sheet, self.go):
            row.addWidget(button)
        self.sheet.setVisible(bool(asked.sheet))
        self.search.setVisible(not asked.opens and asked.person is None and not asked.sheet)
        self.go.rename(asked.go or "Put away")
        if asked.opens:
            self.go.setAccessibleName(asked.title if asked.title.startswith("Open") else f"{asked.go}: {asked.title}")
        self.go.setVisible(not asked.rows)
        self.cancel.setVisible(bool(asked.opens or asked.rows))  # nothing to open: one button puts it away
        column.addLayout(row)

    @property
    def first(self) -> QWidget:
        return self.list if self.list is not None else self.go

    def height_for(self, wide: int) -> int:
        """What the question needs at that width."""
        room = wide - 48
        self._fold(room - 18)  # its frame, and a scroll bar
        lines = [t.heightForWidth(room) + 6 for t in self._lines.findChildren(Text)]
        rows = min(self.list.content_height(), 240) + 10 if self.list is not None else 0
        banner = 0
        if self.banner is not None:
            banner = self.banner.fit(room) + 10
        shown = sum(lines) if self.list is None else min(sum(lines), 110)
        return (
            32 + self._title.heightForWidth(room) + 10 + banner + shown + 10 + rows + self.go.sizeHint().height() + 12
        )

    def _on_sheet(self) -> None:
        self.sheet_wanted.emit(self.question.sheet)

    def _on_go(self) -> None:
        if self.question.opens:
            self.opened.emit(self.question.opens)
        else:
            self.left.emit()

    def _on_row(self, row: PersonRow) -> None:
        person = next(p for p in self.question.rows if p.view.id == row.patient)
        self.chosen.emit(person)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """The keys stay in the question until it is answered."""
        if self.is_answered:  # hiding moves the focus on: not back into what is being hidden
            return super().focusNextPrevChild(forward)
        stops: list[QWidget] = [self._scroller, *([self.list] if self.list else []), self.cancel, self.search, self.sheet,
                                self.go]  # fmt: skip
        able = [w for w in stops if w.isVisible()]
        held = self.window().focusWidget()
        at = next((n for n, w in enumerate(able) if w is held), -1)
        able[(at + (1 if forward else -1)) % len(able)].setFocus(
            Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        )
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        box = QRectF(self.rect())
        paint.box(QPainter(self), box, fill=theme.paper, border=theme.ink, width=2, radius=DIALOG_RADIUS)
