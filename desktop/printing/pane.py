"""The print pane (F9): which forms, for whom, how many pages; preview; paper, or a PDF on demand (look/10).

Serials are in the journal before a page is made; a sheet counts as printed only when the print service says that its job
completed (DESIGN D10). Pages are made in a child process, jobs are watched on a bench: one may go on working.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.patient.sheet import Scroller
from desktop.printing.child import Choice, Job, Made, run
from desktop.printing.chooser import PrinterChooser
from desktop.printing.formrow import FormRow, TotalRow
from desktop.printing.viewer import Viewer
from desktop.shell.context import Changes, Context
from desktop.shell.page import Place
from desktop.shell.parts import Button, Field, MicroBanner, Text
from desktop.shell.tokens import SMALL_WIDTH
from localdb.chart import wording
from localdb.chart.views import NOT_RECORDED, UNAVAILABLE, Census, Chart
from localdb.errors import EnvironmentFault, WardlampError

# code -> title, and what is chosen at first: for a ward, for a patient; blank = sheets without a patient
FORMS = (
    ("F01", "Ward census", "ward"),
    ("F02", "Patient summary", "patient"),
    ("F03", "Blood sciences request", "patient"),
    ("F18", "Clinical notes", "patient"),
    ("F27", "Phoned results", "patient"),
)
PACK = ("F01", "F02", "F27")
# Forms that are asked for without a patient come blank, so many at a time.
BLANKS = {"F03": 10, "F18": 10, "F27": 6}


class PrintPlace(Place):
    """Left what is printed, right how it looks."""

    progressed = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__(context, "Print", " ")
        self.person, self.ward, self._scope = "", "", 0
        self._blank: set[str] = set()
        self.pages: dict[str, tuple[int, int]] = {}
        self.rows = {code: FormRow(self.look, code, title) for code, title, _ in FORMS}
        self.total = TotalRow(self.look)
        self.printer, self.caution = PrinterChooser(context), Text(self.look, "", "body", wrap=True)
        self.file = Field(self.look, "PDF file, if it shall be kept")
        self.save, self.go = Button(self.look, "Save PDF"), Button(self.look, "Print", "primary", icon="print")
        self.viewer = Viewer(context)
        self._banner: QWidget | None = None
        self._lay_out()
        for row in self.rows.values():
            row.toggled.connect(self._on_chosen)
            row.focused.connect(self._on_focused)
        self.save.clicked.connect(self._on_save)
        self.go.clicked.connect(self._on_print)
        self.progressed.connect(self._on_progressed)
        self.printer.changed.connect(self._show_pages)
        self.shown = "F02"
        self.setFocusProxy(self.rows["F01"])

    def _lay_out(self) -> None:
        """The place's own column becomes the left half."""
        half = QWidget()
        left = self._left = QVBoxLayout(half)
        left.setContentsMargins(0, 14, 16, 8)
        left.setSpacing(0)
        for part in (self.title, self.words, self.failed):
            self.column.removeWidget(part)
            left.addWidget(part)
        # On a low screen the forms scroll; the file and the buttons stand.
        forms = QWidget()
        inner = QVBoxLayout(forms)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(TotalRow.heads(self.look))
        for row in (*self.rows.values(), self.total):
            inner.addWidget(row)
        inner.addSpacing(10)
        for part in (self.printer, self.caution):
            inner.addWidget(part)
        inner.addStretch(1)
        left.addWidget(Scroller(forms, "Forms to print").ring(self.look), 1)
        left.addWidget(self.file)
        left.addSpacing(10)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.save)
        buttons.addWidget(self.go)
        left.addLayout(buttons)
        across = QHBoxLayout()
        across.setSpacing(0)
        across.addWidget(half, 11)
        across.addWidget(self.viewer, 10)
        self.column.setContentsMargins(16, 0, 0, 0)
        self.column.addLayout(across, 1)

    # -- for whom ----------------------------------------------------------------------------------------------

    def show_for(self, form: str, person: str) -> None:
        """For one patient, or with "" for the ward; `form` "" = the usual choice."""
        self._scope += 1
        self.person = ""
        self._blank = {form} & BLANKS.keys() if not person else set()
        self._put_banner(None)
        wanted = (form,) if form else (("F02",) if person else PACK)
        for code, row in self.rows.items():
            row.set_chosen(code in wanted)
            row.setEnabled(not (person and code == "F01"))
        self.shown = wanted[-1] if form else "F02"
        if person:
            self.ask(lambda reading: reading.chart(person), self._on_chart)
        else:
            self.ask(lambda reading: reading.ward(), self._on_ward)

    def enter(self) -> None:
        if not self.person and not self.ward:
            self.show_for("", "")
        self.printer.look()

    def _put_banner(self, banner: QWidget | None) -> None:
        if self._banner is not None:
            self._left.removeWidget(self._banner)
            self._banner.deleteLater()
        self._banner = banner
        if banner is not None:
            self._left.insertWidget(2, banner)

    def _on_chart(self, chart: Chart) -> None:
        view = chart.patient
        self.person = view.id
        born = wording.born_text(view.born, self.context.now(), estimated=view.born_estimated)
        nhs = wording.nhs_number(view.nhs)
        self._put_banner(MicroBanner(self.look, wording.display_name(view.name), born, nhs))
        self.say("Print for one patient", "Each sheet has a serial of its own and must come back.")
        self._caution(sum(chart.lists["allergies"].state in (NOT_RECORDED, UNAVAILABLE) for _ in (1,)))
        self.look_at()

    def _on_ward(self, census: Census) -> None:
        self.ward = census.ward
        people = [r for r in census.rows if r.patient is not None]
        blank = " and ".join(f"{code} blank, {BLANKS[code]} sheets" for code in sorted(self._blank))
        words = f"{blank}: name each by hand or by a label." if blank else f"{len(people)} patients, in bed order."
        self.say(f"Go to paper: {census.ward}", f"{words} Each sheet must come back.")
        self._caution(sum(r.allergy_state in (NOT_RECORDED, UNAVAILABLE) for r in people))
        self.look_at()

    def _caution(self, count: int) -> None:
        words = (
            f"{count} patient{'' if count == 1 else 's'} with allergies not recorded or unavailable. The sheets say so."
        )
        self.caution.setText(words if count else "")

    # -- which, and how many pages ------------------------------------------------------------------------------

    def choices(self) -> tuple[Choice, ...]:
        """The chosen forms: for the patient; for a ward the lists once, F27 blank, the others for each patient."""
        made = []
        for code, _, takes in FORMS:
            if not self.rows[code].is_chosen or not self.rows[code].isEnabled():
                continue
            if self.person:
                made.append(Choice(code, patient=self.person))
            elif code == "F27" or code in self._blank:
                made.append(Choice(code, blank=BLANKS[code]))
            else:
                made.append(Choice(code, ward=self.ward))
            assert takes in ("ward", "patient")
        return tuple(made)

    def _job(self, do: str) -> Job:
        house = self.context.house
        return Job(str(house.vault), do, self.context.now(), self.choices(), self.shown)  # type: ignore[attr-defined]

    def look_at(self) -> None:
        """Count the pages and show the first sheet; nothing is issued."""
        self._scope += 1
        chosen = self.choices()
        if not chosen:
            self.pages = {}
            self._show_pages()
            self.viewer.say("No form is chosen.")
            return
        if self.shown not in {c.form for c in chosen}:
            self.shown = chosen[0].form
        self.viewer.say("Making the preview …")
        self.go.setEnabled(False)
        self.save.setEnabled(False)
        job = self._job("look")
        self.context.extra("press").ask(
            self._scope, lambda house: run(house, job), self._on_looked, self._on_failed_job
        )

    def _on_looked(self, key: Hashable, answer: tuple[Made, bytes]) -> None:
        if key != self._scope:
            return
        made, pdf = answer
        self.pages = made.pages
        self._show_pages()
        self.failed.hide()
        if pdf:
            self.viewer.show_pdf(pdf, f"{self.shown}, not issued yet")

    def _show_pages(self) -> None:
        for code, row in self.rows.items():
            row.show_pages(*self.pages.get(code, (0, 0)))
        sheets = sum(s for s, _ in self.pages.values())
        pages = sum(p for _, p in self.pages.values())
        self.total.show_total(sheets, pages)
        self.go.rename(f"Print {pages} page{'' if pages == 1 else 's'}" if pages else "Print")
        self.go.setEnabled(pages > 0 and self.printer.ready)
        self.save.setEnabled(pages > 0)

    def _on_chosen(self) -> None:
        self.look_at()

    def _on_focused(self, code: str) -> None:
        if code != self.shown and code in {c.form for c in self.choices()}:
            self.shown = code
            self.look_at()

    # -- issuing ------------------------------------------------------------------------------------------------

    def _on_save(self) -> None:
        path = Path(self.file.text().strip()).expanduser() if self.file.text().strip() else None
        if path is None:
            self.context.say("Say first where the PDF shall be kept: a file below a folder of your own.", "caution")
            self.file.setFocus()
            return
        job = self._job("issue")

        def save(house: Any) -> tuple[Made, str]:
            if path.exists():
                raise EnvironmentFault(
                    "There is a file of that name already.", code="print.file_exists", next_step="Choose another name."
                )
            if not path.parent.is_dir():
                raise EnvironmentFault(
                    "The folder is not there.", code="print.no_folder", next_step="Choose a folder that exists."
                )
            made, pdf = run(house, job)
            write_private(path, pdf)
            return made, f"saved as {path.name}"

        self._press("save", save)

    def _on_print(self) -> None:
        job, printer = self._job("issue"), self.printer.name

        def press(house: Any) -> tuple[Made, str]:
            from desktop.printing.press import print_sheets

            made, pdf = run(house, job)

            def told(done: int, of: int) -> None:
                self.progressed.emit(f"Printing {done} of {of} on {printer}.")

            words = print_sheets(house, made, pdf, printer, told=told)
            return made, words

        self._press("print", press)

    def _press(self, what: str, work: Any) -> None:
        self.go.setEnabled(False)
        self.save.setEnabled(False)
        self.context.say("Making the pages. You may go on working.", "printing")
        self.context.extra("press").ask(what, work, self._on_pressed, self._on_failed_job)

    def _on_progressed(self, words: str) -> None:
        self.context.say(f"{words} You may go on working.", "printing")

    def _on_pressed(self, key: Hashable, answer: tuple[Made, str]) -> None:
        made, words = answer
        self._show_pages()
        first, last = made.sheets[0][0], made.sheets[-1][0]
        serials = first if first == last else f"{first} to {last}"
        plain = f" {len(made.plain)} as plain text." if made.plain else ""
        self.context.say(f"{len(made.sheets)} sheets, {serials}, {words}.{plain}", "done")
        self.context.changed.emit(Changes(sheets=True))

    def _on_failed_job(self, key: Hashable, error: WardlampError) -> None:
        if isinstance(key, int) and key != self._scope:
            return
        self._show_pages()
        self.viewer.say("")
        self.failed.show_error("Not printed", error)

    def resizeEvent(self, event: Any) -> None:
        self.viewer.setVisible(self.window().width() >= SMALL_WIDTH or self.width() > 900)


def write_private(path: Path, pdf: bytes) -> None:
    """The one permitted clear output (DESIGN §5): readable by its owner alone, never over an existing file."""
    import os

    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(pdf)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        raise EnvironmentFault(
            "The PDF could not be written.", code="print.not_saved", next_step="Choose another folder or make room."
        ) from None
