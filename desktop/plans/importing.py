"""What a coordinator does with the site's documents in the window: import one, withdraw one. Others never see these forms.

The journal's own check stands behind them; what it refuses is said in the form, and what was typed stays.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop.shell.context import Context
from desktop.shell.flow import Flow
from desktop.shell.parts import Button, Field, Text
from localdb.errors import WardlampError
from localdb.plans.checking import media_of
from localdb.plans.papers import KINDS, Paper
from localdb.plans.shelf import read_import

FILES = "Documents (*.pdf *.md *.csv)"


class PlanForm(QWidget):
    """Heading, fields, one primary button, a way out. `done(words)` when it was written, `left` when it was put away."""

    done = Signal(str)
    left = Signal()

    def __init__(self, context: Context, heading: str, action: str) -> None:
        super().__init__()
        self.context, self.look = context, context.look
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(12, 8, 12, 8)
        self.column.setSpacing(8)
        self.heading = Text(self.look, heading, "ident", wrap=True)
        self.column.addWidget(self.heading)
        self.refused = Text(self.look, "", "body", "hi", weight=600, wrap=True)
        self.refused.hide()
        self.go = Button(self.look, action, "primary")
        self.go.clicked.connect(self._on_go)
        self.away = Button(self.look, "Leave it", "quiet", name="Leave the form")
        self.away.clicked.connect(self.left)
        self._asked = 0

    def finish(self) -> None:
        """Puts refusal and buttons below what was added."""
        self.column.addWidget(self.refused)
        row = QHBoxLayout()
        row.addWidget(self.go)
        row.addWidget(self.away)
        row.addStretch(1)
        self.column.addLayout(row)
        self.column.addStretch(1)

    def job(self, house: Any) -> str:
        """Writes, on a bench; the words for the status line. Raises plan.*, vault.*, disk.*."""
        raise NotImplementedError

    def _on_go(self) -> None:
        self._asked += 1
        self.go.setEnabled(False)
        self.context.extra("plans").ask((id(self), self._asked), self.job, self._on_done, self._on_refused)

    def _on_done(self, key: Hashable, words: str) -> None:
        self.go.setEnabled(True)
        self.refused.hide()
        self.done.emit(words)

    def _on_refused(self, key: Hashable, error: WardlampError) -> None:
        self.go.setEnabled(True)
        self.refused.setText(f"{error.code}. {error.message} {error.next_step}")
        self.refused.show()


class ImportForm(PlanForm):
    """A file, its title and kind, and the two dates."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, "Import a document of the site", "Import the document")
        self.path = ""
        row = QHBoxLayout()
        self.choose = Button(self.look, "Choose the file", "normal", name="Choose the file: PDF, Markdown or CSV")
        self.choose.clicked.connect(self._on_choose)
        self.file = Text(
            self.look, "No file is chosen. PDF, Markdown (.md), or CSV for directories.", "label", "ink2", wrap=True
        )
        row.addWidget(self.choose)
        row.addWidget(self.file, 1)
        self.column.addLayout(row)
        self.title = Field(self.look, "Title. The same title and kind replace what stands.")
        self.column.addWidget(self.title)
        self.kinds: dict[str, Button] = {}
        group, flow = QButtonGroup(self), Flow()
        for kind, words in KINDS.items():
            button = Button(self.look, words, "normal", name=f"Kind: {words}")
            button.setCheckable(True)
            group.addButton(button)
            self.kinds[kind] = button
            flow.addWidget(button)
        self.column.addLayout(flow)
        self.valid_from = Field(self.look, "In force from", unit="as 2026-11-24, or empty", box_width=160)
        self.review = Field(self.look, "Review by", unit="as 2027-05-31, or empty", box_width=160)
        for field in (self.valid_from, self.review):
            self.column.addWidget(field)
        self.finish()

    def _on_choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Choose a document", "", FILES)
        if path:
            self.path = path
            self.file.setText(Path(path).name)
            if not self.title.text():
                self.title.set_text(Path(path).stem.replace("-", " ").replace("_", " ").capitalize())

    def _on_go(self) -> None:
        self._typed = (
            self.path, self.title.text(), next((k for k, b in self.kinds.items() if b.isChecked()), ""),
            self.valid_from.text().strip(), self.review.text().strip(),
        )  # fmt: skip
        super()._on_go()

    def job(self, house: Any) -> str:
        path, title, kind, valid_from, review = self._typed
        data = read_import(Path(path))
        media = media_of(path, data)
        paper = house.plans.bring_in(title, kind, media, data, valid_from=valid_from, review=review)
        return f"{paper.number}: {paper.title} imported, version {paper.version}."


class WithdrawForm(PlanForm):
    """Why one document is out of use."""

    def __init__(self, context: Context, paper: Paper) -> None:
        super().__init__(context, f"Withdraw {paper.title}, version {paper.version}", "Withdraw the document")
        self.paper = paper
        self.go.use_kind("danger")
        self.column.addWidget(
            Text(
                self.look,
                "Nobody is shown it any more; every version is kept. It can be imported again.",
                "body",
                wrap=True,
            )
        )
        self.reason = Field(self.look, "Why it is out of use")
        self.column.addWidget(self.reason)
        self.finish()

    def _on_go(self) -> None:
        self._typed = self.reason.text()
        super()._on_go()

    def job(self, house: Any) -> str:
        house.plans.withdraw(self.paper, self._typed)
        return f"{self.paper.title} withdrawn."
