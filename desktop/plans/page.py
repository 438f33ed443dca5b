"""The site's contingency plans (F5): the telephone directory at once, every document by typing, print. No patient data.

Everything is read beside the window's thread. What does not verify is named with its reason and never shown.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from desktop.help.page import browser, show_markdown
from desktop.patient.sheet import Scroller
from desktop.plans.importing import ImportForm, PlanForm, WithdrawForm
from desktop.plans.rows import ContactRow, KindRow, PaperRow, contact_row, paper_row, warning_of
from desktop.shell.context import Changes, Context
from desktop.shell.lists import RowList
from desktop.shell.page import Place
from desktop.shell.parts import Button, Text
from desktop.shell.tokens import SMALL_WIDTH, TARGET
from desktop.shell.type import font
from localdb.chart import wording
from localdb.errors import WardlampError
from localdb.plans.directory import Contact, matching
from localdb.plans.markdown import marks_of, plain_words
from localdb.plans.papers import KINDS, MARKDOWN, PDF, REFUSED, STANDS, Paper
from localdb.plans.searching import Found, search
from localdb.vault.slots import COORDINATOR

EMPTY = (
    "No document of the site is in this copy. A coordinator imports them:"
    " wardlamp plans import FILE --title TITLE --kind KIND."
)


class Held(NamedTuple):
    """One document as read: its text, its `words` without marks, its numbers; or why it is not shown."""

    paper: Paper
    text: str = ""
    words: str = ""
    contacts: tuple[Contact, ...] = ()
    wrong: str = ""


def read_shelf(house: Any) -> tuple[Held, ...]:
    """Every document that stands, and every one that does not verify. Runs on a bench."""
    shelf, made = house.plans, []
    for paper in shelf.papers():
        if paper.state == REFUSED:
            made.append(Held(paper, wrong=f"plan.damaged. Not shown: {paper.reason}."))
        elif paper.state == STANDS:
            try:
                contacts = shelf.contacts(paper) if paper.kind == "directory" else ()
                text = shelf.text(paper)
                words = plain_words(marks_of(text)) if paper.media == MARKDOWN else text
                made.append(Held(paper, text, words, contacts))
            except WardlampError as error:
                made.append(Held(paper, wrong=f"{error.code}. Not shown: {error.message} {error.next_step}"))
    return tuple(made)


class PlansPlace(Place):
    """Filter and documents at the left; what is chosen at the right, first of all the telephone numbers."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, "Plans", "Telephone numbers, action cards, protocols and order sets of this site.")
        look = self.look
        self.held: tuple[Held, ...] = ()
        self.shown: Paper | None = None
        self._asked = 0
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Type a name, a number, or words of a document")
        self.filter.setAccessibleName("Find in the site's documents and telephone numbers")
        self.filter.setFont(font("value", 500))
        self.filter.setMinimumHeight(TARGET)
        self.filter.textChanged.connect(self._on_typed)
        self.filter.returnPressed.connect(self._on_entered)
        self.print = Button(
            look, "Print this document", "normal", icon="print", name="Print the document that is shown"
        )
        self.print.clicked.connect(self._on_print)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self.filter, 1)
        bar.addWidget(self.print)
        self.bring = Button(look, "Import", "normal", name="Import a document of the site")
        self.bring.clicked.connect(self._on_import)
        self.withdraw = Button(look, "Withdraw", "normal", name="Withdraw the document that is shown")
        self.withdraw.clicked.connect(self._on_withdraw)
        for button in (self.bring, self.withdraw):
            bar.addWidget(button)
            button.setVisible(self._is_coordinator)
        self._form: PlanForm | None = None
        self.list = RowList(look, "Documents of the site")
        self.list.chosen.connect(self._on_chosen)
        self.list.opened.connect(self._on_chosen)
        self.numbers = RowList(look, "Telephone numbers")
        self.pane = browser(look, "Document")
        self._viewer: Any = None
        self.stack = QStackedWidget()
        for widget in (self.numbers, self.pane):
            self.stack.addWidget(widget)
        self.head, self.warning = (
            Text(look, "", "label", "ink2", wrap=True),
            Text(look, "", "body", "warn", weight=600, wrap=True),
        )
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(12, 0, 0, 0)
        column.setSpacing(4)
        for part in (self.head, self.warning):
            column.addWidget(part)
        column.addWidget(self.stack, 1)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.list)
        row.addWidget(right, 1)
        self.column.addSpacing(6)
        self.column.addLayout(bar)
        self.column.addSpacing(4)
        self.column.addLayout(row, 1)
        self.setFocusProxy(self.filter)
        look.changed.connect(self._reshow)
        context.changed.connect(self._on_changed)

    # -- reading ------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        self._asked += 1
        for button in (self.bring, self.withdraw):  # whoever is in now
            button.setVisible(self._is_coordinator)
        self.context.extra("plans").ask((id(self), self._asked), read_shelf, self._on_held, self._on_not_read)

    def back(self) -> bool:
        if self._form is not None:
            self._on_left()
            return True
        if self.filter.text():
            self.filter.clear()
            return True
        return False

    def _on_changed(self, changes: Changes) -> None:
        if changes.entries and self.isVisible():
            self.enter()

    def _on_not_read(self, key: Hashable, error: WardlampError) -> None:
        self.failed.show_error("The site's documents could not be read", error)

    def _on_held(self, key: Hashable, held: tuple[Held, ...]) -> None:
        if key != (id(self), self._asked):
            return
        self.failed.hide()
        self.held = held
        if self.shown is None or all(h.paper != self.shown for h in held):
            self.shown = None
        self._on_typed()

    @property
    def today(self) -> date:
        return self.context.now().astimezone(ZoneInfo(self.context.zone)).date()

    # -- what is listed -----------------------------------------------------------------------------------------

    def _contacts(self) -> tuple[Contact, ...]:
        """Every name and number of every directory, by name."""
        every = {c for h in self.held for c in h.contacts}
        return tuple(sorted(every, key=lambda c: (c.name.casefold(), c.number)))

    def _on_typed(self) -> None:
        """Numbers whose names begin so are shown at once; else the first document that has the words."""
        if self._form is not None:  # what is being typed into a form is not taken away
            return
        typed = self.filter.text().strip()
        found = search([(h.paper, h.words) for h in self.held], typed)
        self._show_list(found)
        numbers = matching(self._contacts(), typed)
        papers = [f.paper for f in found]
        if typed and numbers:
            self._show_numbers(numbers, f"Telephone numbers with \u201c{typed}\u201d: {len(numbers)}")
        elif typed and papers:
            self._show(papers[0] if self.shown not in papers else self.shown)
        elif typed:
            self._say(f"Nothing of this site has \u201c{typed}\u201d.")
        elif not self.held:
            self._say(EMPTY)
        else:
            directory = next((h.paper for h in self.held if h.contacts), None)
            self._show(self.shown or directory or self.held[0].paper)

    def _show_list(self, found: Sequence[Found]) -> None:
        room, wrong = float(self.list.viewport().width()), {h.paper.number: h.wrong for h in self.held}
        if room < 120:  # a width that is passed on the way to the real one
            return
        rows: list[KindRow | PaperRow] = []
        for kind in dict.fromkeys(f.paper.kind for f in found):
            rows.append(KindRow(KINDS.get(kind, kind)))
            rows += [
                paper_row(f, self.today, room, wrong.get(f.paper.number, "")) for f in found if f.paper.kind == kind
            ]
        self.list.blockSignals(True)  # new rows choose nothing by themselves
        self.list.show_rows(rows)
        self.list.blockSignals(False)
        self._choose_shown()

    def _choose_shown(self) -> None:
        for n, row in enumerate(self.list.held.rows):
            if isinstance(row, PaperRow) and row.paper == self.shown:
                self.list.blockSignals(True)
                self.list.setCurrentIndex(self.list.held.index(n))
                self.list.blockSignals(False)

    def _on_chosen(self, row: object) -> None:
        if isinstance(row, PaperRow):
            self._show(row.paper)

    def _on_entered(self) -> None:
        """Enter in the field: into what was found."""
        shown = self.stack.currentWidget()
        (self.numbers if shown is self.numbers else self.list).setFocus()

    # -- what is shown ------------------------------------------------------------------------------------------

    def _show(self, paper: Paper | None) -> None:
        held = next((h for h in self.held if h.paper == paper), None)
        if held is None:
            return
        self.shown = held.paper
        self._choose_shown()
        self.print.setEnabled(not held.wrong)
        self.withdraw.setEnabled(not held.wrong)
        warning = warning_of(held.paper, self.today, held.wrong)
        self.warning.setText(warning)
        self.warning.setVisible(bool(warning))
        written = wording.date_time(held.paper.written, self.context.zone)
        self.head.setText(f"{held.paper.title}: {held.paper.origin()}, {written}, {held.paper.number}")
        if held.wrong:
            self._words("")
        elif held.paper.kind == "directory":
            self._rows(held.contacts)
        elif held.paper.media == PDF:
            self._show_pdf(held.paper)
        else:
            self._words(held.text)

    def _show_numbers(self, contacts: Sequence[Contact], words: str) -> None:
        self.head.setText(words)
        self.warning.hide()
        self._rows(contacts)
        directory = next((h.paper for h in self.held if set(contacts) & set(h.contacts)), None)
        self.shown = directory
        self.print.setEnabled(directory is not None)

    def _say(self, words: str) -> None:
        self.shown = None
        self.print.setEnabled(False)
        self.withdraw.setEnabled(False)
        self.head.setText("")
        self.warning.hide()
        self._words(words)

    def _words(self, text: str) -> None:
        show_markdown(self.pane, self.look, text)
        self.stack.setCurrentWidget(self.pane)

    def _rows(self, contacts: Sequence[Contact]) -> None:
        room = float(self.numbers.viewport().width())
        self.numbers.show_rows([contact_row(c, max(room, 300.0)) for c in contacts])
        self.numbers.setAccessibleDescription(". ".join(c.text for c in contacts))
        self.stack.setCurrentWidget(self.numbers)

    def _show_pdf(self, paper: Paper) -> None:
        if self._viewer is None:
            from desktop.plans.pages import Pages

            self._viewer = Pages(self.context)
            self.stack.addWidget(self._viewer)
        self._viewer.say("Loading the pages \u2026")
        self.stack.setCurrentWidget(self._viewer)
        self.context.extra("plans").ask(
            paper, lambda house: house.plans.content(paper), self._on_pages, self._on_no_pages
        )

    def _on_pages(self, key: Hashable, data: bytes) -> None:
        if key == self.shown and self._viewer is not None:
            self._viewer.show_pdf(data)

    def _on_no_pages(self, key: Hashable, error: WardlampError) -> None:
        if key == self.shown and self._viewer is not None:
            self._viewer.say(f"{error.code}. {error.message} {error.next_step}")

    def _reshow(self) -> None:
        if self.held:
            self._on_typed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.list.setFixedWidth(320 if event.size().width() + 160 >= SMALL_WIDTH else 230)
        is_wide = event.size().width() > 1000 if self._is_coordinator else event.size().width() > 700
        self.print.rename("Print this document" if is_wide else "Print")
        if self.held:
            self._on_typed()

    # -- what a coordinator does --------------------------------------------------------------------------------

    @property
    def _is_coordinator(self) -> bool:
        return getattr(self.context.house, "role", "") == COORDINATOR

    def _on_import(self) -> None:
        self._show_form(ImportForm(self.context))

    def _on_withdraw(self) -> None:
        if self.shown is not None:
            self._show_form(WithdrawForm(self.context, self.shown))

    def _show_form(self, form: PlanForm) -> None:
        self._leave_form()
        self._form = form
        form.done.connect(self._on_written)
        form.left.connect(self._on_left)
        self._scroller = Scroller(form, form.heading.text()).ring(self.look)
        self.stack.addWidget(self._scroller)
        self.stack.setCurrentWidget(self._scroller)
        self.list.setVisible(self.width() > 1000)
        self.head.setText("")
        self.warning.hide()
        form.setFocus()

    def _leave_form(self) -> None:
        form, self._form = self._form, None
        if form is not None:
            self.stack.removeWidget(self._scroller)
            self._scroller.hide()
            self._scroller.deleteLater()
            self.list.show()

    def _on_written(self, words: str) -> None:
        self._leave_form()
        self.context.say(words)
        self.shown = None
        self.enter()

    def _on_left(self) -> None:
        self._leave_form()
        self._on_typed()

    # -- paper --------------------------------------------------------------------------------------------------

    def _on_print(self) -> None:
        paper = self.shown
        if paper is None:
            return
        self.context.say(f"Printing {paper.title} \u2026", "printing")
        self.context.extra("press").ask(
            paper, lambda house: print_paper(house, paper), self._on_printed, self._on_not_printed
        )

    def _on_printed(self, key: Hashable, words: str) -> None:
        self.context.say(words)

    def _on_not_printed(self, key: Hashable, error: WardlampError) -> None:
        self.context.say(f"Not printed. {error.code}. {error.message} {error.next_step}", "failed")


def print_paper(house: Any, paper: Paper) -> str:
    """One document on the printer in use, without a serial. Runs on a bench. Raises print.*, plan.*."""
    from desktop.plans.paper import pdf_of, printed_by
    from desktop.printing.chooser import KEY, in_use
    from desktop.printing.cups import print_pdf, printers
    from desktop.printing.errors import NoPrintService

    pages = pdf_of(paper, house.plans.content(paper), printed_by(house))
    remembered = str((house.draft(KEY) or {}).get("name", ""))
    name = in_use(printers(), remembered)
    if not name:
        raise NoPrintService("No printer that is ready was found.")
    print_pdf(name, pages, f"plan {paper.number}")
    return f"{paper.title} printed on {name}."


__all__ = ["ContactRow", "Held", "PlansPlace", "print_paper", "read_shelf"]
