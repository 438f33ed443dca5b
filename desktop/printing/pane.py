"""The print place (F9): what goes to paper, what is at the printer, and every sheet that there is (look/10).

Three views behind one row of buttons. Work that may last runs on benches beside the window: one may go on working, and
the queue goes on behind the curtain (DESIGN D10, D12).
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from desktop.printing.child import Job, Made, run
from desktop.printing.image_wish import ImageWish
from desktop.printing.keeping import KeepPanel, place_for, write_private
from desktop.printing.paper import PaperView
from desktop.printing.queueview import QueueView
from desktop.printing.sheetsview import SheetsView
from desktop.shell.context import Changes, Context
from desktop.shell.page import Place
from desktop.shell.parts import Button
from localdb.errors import WardlampError

if TYPE_CHECKING:
    from desktop.printing.press import Progress
    from desktop.printing.runner import Running

VIEWS = {"paper": "Paper", "queue": "At the printer", "sheets": "Sheets"}


class PrintPlace(Place):
    """`go_to(view)`; `show_for` and `show_sheet` bring the view that they need to the front."""

    progressed = Signal(object)  # Progress, from the press's own thread
    ended = Signal(object)  # WardlampError or None

    def __init__(self, context: Context) -> None:
        super().__init__(context, "Print", framed=False)
        self.paper, self.queue = PaperView(context), QueueView(context)
        self.sheets, self.keeping = SheetsView(context), KeepPanel(self.look)
        self.views: dict[str, QWidget] = {
            "paper": self.paper, "queue": self.queue, "sheets": self.sheets, "keep": self.keeping,
        }  # fmt: skip
        self.buttons = {name: Button(self.look, word) for name, word in VIEWS.items()}
        self._running: Running | None = None
        self._is_starting = self._is_closed = False
        self._job: Job | None = None
        bar = QHBoxLayout()
        bar.setContentsMargins(16, 8, 16, 0)
        bar.setSpacing(6)
        for name, button in self.buttons.items():
            button.setProperty("view", name)
            button.clicked.connect(self._on_view)
            bar.addWidget(button)
        bar.addStretch(1)
        self.stack = QStackedWidget()
        for view in self.views.values():
            self.stack.addWidget(view)
        self.column.addLayout(bar)
        self.column.addWidget(self.stack, 1)
        self.paper.wanted.connect(self._on_print)
        self.paper.kept.connect(self._on_keep)
        self.paper.test_wanted.connect(self._on_test)
        self.keeping.wanted.connect(self._on_write)
        self.keeping.left.connect(self._on_left)
        self.sheets.counted.connect(self._on_counted)
        self.sheets.reprint_wanted.connect(self._on_reprint)
        self.queue.counted.connect(self._on_queue_counted)
        self.ended.connect(self._on_ended)
        context.closing.connect(self.stop)
        self.progressed.connect(self._on_progressed)
        self.view = ""
        self._bring("paper")

    # -- which view ----------------------------------------------------------------------------------------------

    def show_for(self, form: str, person: str, images: tuple[ImageWish, ...] = ()) -> None:
        """Paper for one patient, or with "" for the ward; `form` "" = the usual kit; `images` those of the viewer."""
        self._bring("paper")
        self.paper.show_for(form, person, images)

    def show_sheet(self, serial: str) -> None:
        """One sheet of the ledger."""
        self._bring("sheets")
        self.sheets.show_sheet(serial)

    def _bring(self, name: str) -> None:
        self.view = name
        for other, button in self.buttons.items():
            button.use_kind("chosen" if other == name else "normal")
        self.stack.setCurrentWidget(self.views[name])

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:  # type: ignore[override]
        """To the view in front. No focus proxies here: Tab would jump from the place to what the proxy names, and never
        reach what stands between."""
        self.views[self.view].setFocus(reason)

    def go_to(self, name: str) -> None:
        self._bring(name)
        self._enter_view()
        self.views[name].setFocus()

    def _on_view(self) -> None:
        self.go_to(str(self.sender().property("view")))

    def enter(self) -> None:
        self._enter_view()

    def _enter_view(self) -> None:
        enter = getattr(self.views[self.view], "enter", None)
        if enter is not None:
            enter()

    def back(self) -> bool:
        """Esc: leave what lies over a view, then the view for paper."""
        if self.view == "keep":
            self._on_left()
            return True
        if self.view == "sheets" and self.sheets.back():
            return True
        if self.view != "paper":
            self.go_to("paper")
            return True
        return False

    def _on_counted(self, open_sheets: int) -> None:
        self.buttons["sheets"].rename(f"Sheets, {open_sheets} open" if open_sheets else "Sheets")

    def _on_queue_counted(self, waiting: int, for_person: int) -> None:
        words = f"At the printer, {waiting}" if waiting else "At the printer"
        self.buttons["queue"].rename(f"{words}, {for_person} for you" if for_person else words)
        if waiting > for_person:
            self._on_going()

    # -- printing and keeping ------------------------------------------------------------------------------------

    def _on_print(self, job: Job) -> None:
        """Into the queue; the press takes it from there."""
        self._press("print", lambda house: (run(house, job)[0], "in the queue"))

    def _on_reprint(self, serial: str, pages: object) -> None:
        def again(house: Any) -> None:
            from desktop.printing import press

            press.reprint(house, serial, pages, "asked for on the ward")  # type: ignore[arg-type]

        self.context.extra("press").ask("reprint", again, self._on_reprinted, self._on_not_reprinted)

    def _on_reprinted(self, key: Hashable, result: Any) -> None:
        self.context.say("The reprint is in the queue. It bears its number.", "printing")
        self.context.changed.emit(Changes(sheets=True))
        self._on_going()

    def _on_not_reprinted(self, key: Hashable, error: WardlampError) -> None:
        self.sheets.failed.show_error("Not printed again", error)

    def _on_going(self) -> None:
        """The press runs while there is something that can go on by itself; one at a time."""
        if self._is_starting or self._is_closed or (self._running is not None and self._running.is_alive):
            return
        self._is_starting = True
        self.context.extra("press").ask("start", self._start, self._on_started, self._on_ended_badly)

    def _start(self, house: Any) -> None:
        """On the bench; a window that closes meanwhile leaves no press behind."""
        from desktop.printing import runner

        self._running = runner.start(house, self.progressed.emit, self.ended.emit)
        if self._is_closed:
            self.stop()

    def _on_started(self, key: Hashable, result: Any) -> None:
        self._is_starting = False

    def stop(self) -> None:
        """The window closes: the press sends no further sheet; the queue keeps what is left."""
        self._is_closed = True
        running, self._running = self._running, None
        if running is not None:
            running.stop()

    def _on_progressed(self, progress: Progress) -> None:
        self.context.say(f"{progress.text} You may go on working.", "caution" if progress.words else "printing")
        self.context.changed.emit(Changes(sheets=True))

    def _on_ended(self, fault: WardlampError | None) -> None:
        self._running = None
        if fault is not None:
            self.queue.failed.show_error("Printing stopped", fault)
            self.context.say(f"Printing stopped. {fault.message} {fault.next_step}", "failed")
        self.context.changed.emit(Changes(sheets=True))

    def _on_ended_badly(self, key: Hashable, error: WardlampError) -> None:
        self._is_starting = False
        self._on_ended(error)

    def _on_keep(self, job: Job) -> None:
        self._job = job
        self._bring("keep")
        self.keeping.setFocus()

    def _on_test(self) -> None:
        """A page with a ruler and a code to scan back, on the printer that is chosen."""
        printer = self.paper.printer.name

        def test(house: Any) -> str:
            from desktop.printing.testing import print_test

            return print_test(house, printer, two_sided=self.paper.two_sided).code

        self.context.say(f"A test page goes to {printer}.", "printing")
        self.context.extra("press").ask("test", test, self._on_tested, self._on_failed_job)

    def _on_tested(self, key: Hashable, code: str) -> None:
        self.context.say("The test page is out. Measure its ruler, then scan its code here.", "done")

    def _on_left(self) -> None:
        self.go_to("paper")

    def _on_write(self, path: Path, kind: str, phrase: str) -> None:
        job = self._job
        if job is None:
            return

        def save(house: Any) -> tuple[Made, str]:
            from desktop.printing import archival

            place_for(path)
            if kind == "sealed":  # weak words burn no serials
                archival.check_words(phrase.encode())
            made, pdf = run(house, job)
            title = made.sheets[0][0] if len(made.sheets) == 1 else f"{len(made.sheets)} sheets"
            write_private(path, as_kept(pdf, kind, phrase, title, house.now()))
            return made, f"kept as {path.name}"

        self.go_to("paper")
        self._press("save", save)

    def _press(self, what: str, work: Any) -> None:
        self.paper.go.setEnabled(False)
        self.paper.keep.setEnabled(False)
        self.context.say("Making the pages. You may go on working.", "printing")
        self.context.extra("press").ask(what, work, self._on_pressed, self._on_failed_job)

    def _on_pressed(self, key: Hashable, answer: tuple[Made, str]) -> None:
        made, words = answer
        self.paper.show_pages()
        first, last = made.sheets[0][0], made.sheets[-1][0]
        serials = first if first == last else f"{first} to {last}"
        plain = f" {len(made.plain)} as plain text." if made.plain else ""
        self.context.say(f"{len(made.sheets)} sheets, {serials}, {words}.{plain}", "done")
        self.context.changed.emit(Changes(sheets=True))
        if key == "print":
            self._on_going()

    def _on_failed_job(self, key: Hashable, error: WardlampError) -> None:
        self.paper.show_pages()
        self.paper.failed.show_error("Not printed", error)


def as_kept(pdf: bytes, kind: str, phrase: str, title: str, at: datetime) -> bytes:
    """The bytes of a file that is kept: sealed, for the archive, or plain. Raises print.weak_words."""
    from desktop.printing import archival

    if kind == "sealed":
        return archival.sealed(pdf, phrase.encode())
    return archival.archival(pdf, title, at) if kind == "archive" else pdf
