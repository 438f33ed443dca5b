"""What goes to paper: a kit or single forms, for the ward or one patient; how many pages; the preview (look/10).

Serials are in the journal before a page is made; pages are made in a child process and wait, sealed, in the press's
queue (DESIGN D10, D12). What happens to them there is the queue's view.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.patient.sheet import Scroller
from desktop.printing import kits
from desktop.printing.child import Job, Made, run
from desktop.printing.chooser import PrinterChooser
from desktop.printing.formrow import FormLine, FormRow, RowHeads, TotalRow
from desktop.printing.image_wish import ImageWish
from desktop.printing.viewer import Viewer
from desktop.shell.context import Context
from desktop.shell.flow import Flow, FlowRow
from desktop.shell.page import FailedNote
from desktop.shell.parts import Button, MicroBanner, Text
from desktop.shell.tokens import SMALL_WIDTH
from localdb.chart import wording
from localdb.chart.views import NOT_RECORDED, UNAVAILABLE, Census, Chart
from localdb.errors import WardlampError

if TYPE_CHECKING:
    from desktop.printing.kits import Kit, Whom

LOW = 460  # px of the view below which its foot scrolls
USUAL = {"ward": "first-hour", "patient": "patient"}
GROUPS: tuple[tuple[Whom, str, str, str], ...] = (
    # whom, head for a ward, head for one patient, what is counted
    ("ward", "Lists of the ward", "", "Copies"),
    ("patient", "For each patient, in bed order", "For this patient", "Copies"),
    ("blank", "Blank stock", "Blank", "How many"),
)


def titles_and_uses() -> dict[str, tuple[str, str]]:
    """Form code → (title, what it is filled from), of every form that this version draws."""
    from desktop.forms.catalogue import FORMS  # late: reportlab is not needed before the first print

    return {code: (form.title, form.takes) for code, form in FORMS.items()}


class PaperView(QWidget):
    """`wanted(job)`: print these; `kept(job)`: keep them as a file; `test_wanted()`: a test page."""

    wanted = Signal(object)
    kept = Signal(object)
    test_wanted = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context, self.look = context, context.look
        self.person, self.ward, self._beds, self._scope = "", "", 0, 0
        self._form, self._all, self._kit = "", False, ""
        self._is_awaited = self.annex = False
        self._images: tuple[str, tuple[ImageWish, ...]] = ("", ())
        self._forms: dict[str, tuple[str, str]] = {}
        self._kits: tuple[Kit, ...] = ()
        self.rows: list[FormRow] = []
        self.shown: FormRow | None = None
        self.per_minute, self.two_sided, self.by_bed = 20.0, True, False
        self.title, self.words = Text(self.look, "Print", "title"), Text(self.look, "", "label", "ink2", wrap=True)
        self.failed, self._banner = FailedNote(self.look), None
        self.total, self.printer = TotalRow(self.look), PrinterChooser(context)
        self.caution = Text(self.look, "", "body", wrap=True)
        self.more = Button(self.look, "All forms")
        self.test = Button(self.look, "Test page")
        self.sides = Button(self.look, "Both sides", icon="fresh", name="Print on both sides where the printer can: on")
        self.order = Button(self.look, "By form", name="Order: by form")
        self.key_images = Button(self.look, "Without images", name="Key images behind each patient summary: off")
        self.keep = Button(self.look, "Keep as a file")
        self.go = Button(self.look, "Print", "primary", icon="print")
        self.viewer = Viewer(context)
        self._lay_out()
        self.more.clicked.connect(self._on_more)
        self.sides.clicked.connect(self._on_sides)
        self.order.clicked.connect(self._on_order)
        self.key_images.clicked.connect(self._on_annex)
        self.test.clicked.connect(self.test_wanted)
        self.keep.clicked.connect(self._on_keep)
        self.go.clicked.connect(self._on_print)
        self.printer.changed.connect(self.show_pages)

    def _lay_out(self) -> None:
        half = QWidget()
        left = self._left = QVBoxLayout(half)
        left.setContentsMargins(16, 8, 16, 8)
        left.setSpacing(4)
        self.kit_buttons = {}
        self._kit_flow = Flow()
        self._kit_row = FlowRow(self._kit_flow)
        self._rows_box = QWidget()
        self._rows_column = QVBoxLayout(self._rows_box)
        self._rows_column.setContentsMargins(0, 0, 0, 0)
        self._rows_column.setSpacing(0)
        self._rows_column.addSpacing(8)
        self._rows_column.addLayout(Flow(self.more, self.order, self.sides, self.key_images, self.test))
        self._rows_column.addStretch(1)
        self._rows_count = 0
        for part in (self.title, self.words, self.failed, self._kit_row):
            left.addWidget(part)
        left.addWidget(Scroller(self._rows_box, "Forms to print").ring(self.look), 1)
        for part in (self.total, self.printer, self.caution):
            left.addWidget(part)
        self.caution.hide()
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        for button in (self.keep, self.go):
            buttons.addWidget(button)
        left.addSpacing(4)
        left.addLayout(buttons)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(half, 11)
        across.addWidget(self.viewer, 10)

    def _settle_foot(self) -> None:
        """Printer and caution stand above the buttons; on a low screen they scroll with the forms."""
        low = self.height() < LOW
        self.words.setVisible(not low)
        column = self._rows_column if low else self._left
        for part in (self.printer, self.caution):
            if part.parent() is not column.parent():
                at = column.count() - 1 if low else column.indexOf(self.total) + (1 if part is self.printer else 2)
                column.insertWidget(at, part)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._settle_foot()
        self.viewer.setVisible(self.window().width() >= SMALL_WIDTH or self.width() > 900)
        super().resizeEvent(event)

    # -- for whom ----------------------------------------------------------------------------------------------

    def show_for(self, form: str, person: str, images: tuple[ImageWish, ...] = ()) -> None:
        """For one patient, or with "" for the ward; `form` "" = the usual kit; `images` those of the viewer, for T02."""
        self._scope += 1
        self._images = (person, images)
        self.person, self._form, self._all = "", form, False
        self._put_banner(None)
        self._clear_rows()
        self.context.extra("press").ask(
            ("forms", self._scope), lambda _: (titles_and_uses(), kits.kits(self.context.house.site)), self._on_forms,
            self._on_failed,
        )  # fmt: skip
        self._wanted = person

    def enter(self) -> None:
        if not self.person and not self.ward:
            self.show_for("", "")
        self.printer.look()

    def _on_forms(self, key: Hashable, answer: tuple[dict[str, tuple[str, str]], tuple[Kit, ...]]) -> None:
        if key != ("forms", self._scope):
            return
        self._forms, self._kits = answer
        person, scope = self._wanted, self._scope
        self.context.reader.ask(
            ("for", scope), lambda reading: reading.chart(person) if person else reading.ward(), self._on_whom,
            self._on_failed,
        )  # fmt: skip

    def _on_whom(self, key: Hashable, found: Chart | Census) -> None:
        if key != ("for", self._scope):
            return
        self.failed.hide()
        if isinstance(found, Chart):
            self._show_patient(found)
        else:
            self._show_ward(found)
        self._offer_kits()

    def _on_failed(self, key: Hashable, error: WardlampError) -> None:
        if isinstance(key, tuple) and key[-1] == self._scope:
            self.failed.show_error("Nothing can be printed now", error)

    def _put_banner(self, banner: MicroBanner | None) -> None:
        if self._banner is not None:
            self._banner.leave()
        self._banner = banner
        if banner is not None:
            self._left.insertWidget(2, banner)

    def _show_patient(self, chart: Chart) -> None:
        view = chart.patient
        self.person = view.id
        born = wording.born_text(view.born, self.context.now(), estimated=view.born_estimated)
        self._put_banner(MicroBanner(self.look, wording.display_name(view.name), born, wording.nhs_number(view.nhs)))
        self.say("Print for one patient", "Each sheet has a serial of its own and must come back.")
        self._warn(sum(chart.lists["allergies"].state in (NOT_RECORDED, UNAVAILABLE) for _ in (1,)))

    def _show_ward(self, census: Census) -> None:
        self.ward, self._beds = census.ward, len(census.rows)
        people = [r for r in census.rows if r.patient is not None]
        self.say(f"Go to paper: {census.ward}", f"{len(people)} patients, in bed order. Each sheet must come back.")
        self._warn(sum(r.allergy_state in (NOT_RECORDED, UNAVAILABLE) for r in people))

    def say(self, title: str, words: str) -> None:
        self.title.setText(title)
        self.words.setText(words)

    def _warn(self, count: int) -> None:
        words = (
            f"{count} patient{'' if count == 1 else 's'} with allergies not recorded or unavailable. The sheets say so."
        )
        self.caution.setText(words if count else "")
        self.caution.setVisible(bool(count))

    # -- which -------------------------------------------------------------------------------------------------

    def _offer_kits(self) -> None:
        for button in self.kit_buttons.values():
            self._kit_flow.removeWidget(button)
            button.deleteLater()
        self.kit_buttons = {}
        for found in kits.fitting(self._kits, self.person):
            button = Button(self.look, found.title, name=f"{found.title}. {found.words}")
            button.setProperty("kit", found.code)
            button.clicked.connect(self._on_kit)
            self._kit_flow.addWidget(button)
            self.kit_buttons[found.code] = button
        self._kit_row.settle()
        if self._form:
            self._use_lines("", [(self._form, self._usual_whom(self._form), 0)])
        else:
            self.use_kit(USUAL["patient" if self.person else "ward"])

    def _usual_whom(self, form: str) -> Whom:
        """A form that is asked for alone: for the patient; from the ward blank, lists as they are."""
        takes = self._forms.get(form, ("", "patient"))[1]
        return "patient" if self.person else "blank" if takes == "patient" else "ward"

    def use_kit(self, code: str) -> None:
        """Tick the lines of a kit."""
        found = next((k for k in self._kits if k.code == code), None)
        if found is not None:
            self._use_lines(code, kits.lines_of(found, self._beds, self._forms))

    def _use_lines(self, code: str, lines: Sequence[tuple[str, Whom, int]]) -> None:
        self._kit = code
        for name, button in self.kit_buttons.items():
            button.use_kind("chosen" if name == code else "normal")
        possible = [line for line in lines if self._is_possible(line[1])]
        self._make_rows({(form, whom): amount or (10 if whom == "blank" else 1) for form, whom, amount in possible})
        self.look_at()

    def _is_possible(self, whom: Whom) -> bool:
        return whom == "patient" or (not self.person and bool(self.ward or whom == "blank"))

    def _lines_shown(self, chosen: dict[tuple[str, Whom], int]) -> list[tuple[Whom, FormLine]]:
        """The ticked forms; with "All forms" every form for everybody that it can be for."""
        out: list[tuple[Whom, FormLine]] = []
        for whom, *_ in GROUPS:
            for code, (title, takes) in self._forms.items():
                fits = whom == "blank" or whom == ("patient" if takes == "patient" else "ward")
                if (code, whom) in chosen or (self._all and fits and self._is_possible(whom)):
                    out.append((whom, FormLine(code, title, whom)))
        return out

    def _make_rows(self, chosen: dict[tuple[str, Whom], int]) -> None:
        self._clear_rows()
        last = ""
        for whom, line in self._lines_shown(chosen):
            if whom != last:
                _, of_ward, of_one, count = next(g for g in GROUPS if g[0] == whom)
                self._add(RowHeads(self.look, of_one if self.person else of_ward, count))
                last = whom
            row = FormRow(self.look, line)
            row.set_chosen(line.key in chosen, chosen.get((line.code, line.whom), 10 if whom == "blank" else 1))
            row.toggled.connect(self._on_chosen)
            row.counted.connect(self._on_chosen)
            row.focused.connect(self._on_focused)
            self._add(row)
            self.rows.append(row)
        self._order_tabs()
        self.more.rename("Fewer forms" if self._all else "All forms")

    def _order_tabs(self) -> None:
        """Kits, forms, what stands below them, the page: in the order in which they stand."""
        stops = [*self.kit_buttons.values(), *self.rows, self.more, self.order, self.sides, self.key_images, self.test,
                 self.keep, self.go,
                 self.viewer.before, self.viewer.after]  # fmt: skip
        for one, other in pairwise(stops):
            self.setTabOrder(one, other)
        if self._is_awaited and self.rows:
            self.setFocus()

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:  # type: ignore[override]
        """To the first form, as soon as there is one."""
        self._is_awaited = not self.rows
        if self.rows:
            self.rows[0].setFocus(reason)

    def _add(self, part: QWidget) -> None:
        self._rows_column.insertWidget(self._rows_count, part)
        self._rows_count += 1

    def _clear_rows(self) -> None:
        self.rows, self.shown = [], None
        for _ in range(self._rows_count):
            taken = self._rows_column.takeAt(0)
            if taken is not None and (part := taken.widget()) is not None:
                part.hide()
                part.deleteLater()
        self._rows_count = 0

    def _chosen(self) -> dict[tuple[str, Whom], int]:
        return {(row.line.code, row.line.whom): row.amount for row in self.rows if row.isChecked()}

    def _on_sides(self) -> None:
        self.two_sided = not self.two_sided
        self.sides.icon_name = "fresh" if self.two_sided else None
        self.sides.rename("Both sides" if self.two_sided else "One side")
        state = "on" if self.two_sided else "off"
        self.sides.setAccessibleName(f"Print on both sides where the printer can: {state}")

    def _on_order(self) -> None:
        """Form by form, for folders of one kind; or bed by bed, to lay at each bed."""
        self.by_bed = not self.by_bed
        self.order.rename("By bed" if self.by_bed else "By form")
        self.order.setAccessibleName(f"Order: {'by bed' if self.by_bed else 'by form'}")

    def _on_more(self) -> None:
        self._all = not self._all
        self._make_rows(self._chosen())
        self.look_at()

    def _on_kit(self) -> None:
        self.use_kit(str(self.sender().property("kit")))

    # -- how many pages, and how they look ----------------------------------------------------------------------

    def job(self, do: str) -> Job:
        """The ticked forms as the child is asked for them."""
        ticked = [row for row in self.rows if row.isChecked()]
        wanted = kits.choices(
            [(r.line.code, r.line.whom, r.amount) for r in ticked], ward=self.ward, person=self.person
        )
        wanted = tuple(kits.illustrated(choice, *self._images, annex=self.annex) for choice in wanted)
        show = ticked.index(self.shown) if self.shown in ticked else 0
        house: Any = self.context.house
        sides = "two-sided-long-edge" if self.two_sided else "one-sided"  # left out where the printer cannot
        return Job(str(house.vault), do, self.context.now(), wanted, show, self.printer.name, sides, by_bed=self.by_bed)

    def _on_annex(self) -> None:
        """Off at first: images make a ward's pack larger and slower."""
        self.annex = not self.annex
        self.key_images.icon_name = "fresh" if self.annex else None
        self.key_images.rename("With key images" if self.annex else "Without images")
        state = "on" if self.annex else "off"
        self.key_images.setAccessibleName(f"Key images behind each patient summary: {state}")
        self.look_at()

    def look_at(self) -> None:
        """Count the pages and show the first sheet; nothing is issued."""
        self._scope += 1
        ticked = [row for row in self.rows if row.isChecked()]
        self.key_images.setVisible(any(r.line.key == ("F02", "patient") for r in ticked))
        if not ticked:
            for row in self.rows:
                row.show_pages(0, 0)
            self.show_pages()
            self.viewer.say("No form is chosen.")
            return
        if self.shown not in ticked:
            self.shown = next((r for r in ticked if r.line.code == "F02"), ticked[0])
        self.viewer.say("Making the preview …")
        self.go.rename("Counting pages …")
        self.go.setEnabled(False)
        self.keep.setEnabled(False)
        shown, counted, scope = self.job("show"), self.job("count"), self._scope
        bench = self.context.extra("press")
        bench.ask(("show", scope), lambda house: run(house, shown), self._on_shown, self._on_failed, lane="show")
        bench.ask(("count", scope), lambda house: run(house, counted), self._on_counted, self._on_failed, lane="count")

    def _on_shown(self, key: Hashable, answer: tuple[Made, bytes]) -> None:
        if key != ("show", self._scope) or self.shown is None:
            return
        if answer[1]:
            self.viewer.show_pdf(answer[1], f"{self.shown.line.code} {self.shown.line.words}, not issued yet")
        else:
            self.viewer.say("There is nobody to print this for.")

    def _on_counted(self, key: Hashable, answer: tuple[Made, bytes]) -> None:
        if key != ("count", self._scope):
            return
        ticked = [row for row in self.rows if row.isChecked()]
        for row, (sheets, pages) in zip(ticked, answer[0].counts, strict=True):
            row.show_pages(sheets, pages)
        self.failed.hide()
        self.show_pages()

    def show_pages(self) -> None:
        ticked = [row for row in self.rows if row.isChecked()]
        sheets, pages = sum(r.sheets for r in ticked), sum(r.pages for r in ticked)
        self.total.show_total(sheets, pages, kits.minutes(pages, self.per_minute))
        self.go.rename(f"Print {pages} page{'' if pages == 1 else 's'}" if pages else "Print")
        self.go.setEnabled(pages > 0 and self.printer.ready)
        self.keep.setEnabled(pages > 0)
        self.test.setEnabled(self.printer.ready)

    def _on_chosen(self) -> None:
        self.look_at()

    def _on_focused(self, row: FormRow) -> None:
        """The preview follows the keys; the pages were counted already."""
        if row is not self.shown and row.isChecked():
            self.shown = row
            shown, scope = self.job("show"), self._scope
            self.context.extra("press").ask(
                ("show", scope), lambda house: run(house, shown), self._on_shown, self._on_failed, lane="show"
            )

    # -- printing -----------------------------------------------------------------------------------------------

    def _on_print(self) -> None:
        self.wanted.emit(self.job("enqueue"))

    def _on_keep(self) -> None:
        self.kept.emit(self.job("issue"))
