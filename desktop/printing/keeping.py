"""A pack kept as a file: sealed with a passphrase for a USB stick, archival, or plain (DESIGN §5, D10; issue 7 item 5)."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.shell.flow import Flow
from desktop.shell.parts import Button, Field, Text
from desktop.shell.tokens import Look
from localdb.errors import EnvironmentFault

# kind -> words on its button, what it means
MIN_WORDS = 16  # as archival.MIN_WORDS, which is not imported before a file is written
KINDS = {
    "sealed": ("Sealed", "Opens in any PDF reader, with the passphrase alone. For a USB stick."),
    "archive": (
        "Archive, PDF/A",
        "For records that are kept for years. NOT sealed: anybody who has the file reads it.",
    ),
    "plain": ("Plain PDF", "NOT sealed: anybody who has the file reads it."),
}


class KeepPanel(QWidget):
    """`wanted(path, kind, passphrase)`; `left()` when nothing is kept after all. `words` says what is missing."""

    wanted = Signal(object, str, str)
    left = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.kind = "sealed"
        self.title = Text(look, "Keep as a file", "title")
        self.words = Text(look, "", "body", wrap=True)
        self.buttons = {kind: Button(look, word, name=f"{word}. {what}") for kind, (word, what) in KINDS.items()}
        self.file = Field(look, "File, below a folder of your own or on the stick")
        self.phrase = Field(look, f"Passphrase, at least {MIN_WORDS} characters: four or five words", secret=True)
        self.again = Field(look, "Passphrase again", secret=True)
        self.write = Button(look, "Write the file", "primary", icon="folder")
        self.leave = Button(look, "Back")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(10)
        column.addWidget(self.title)
        column.addLayout(Flow(*self.buttons.values()))
        for part in (self.words, self.file, self.phrase, self.again):
            part.setMaximumWidth(720)
            column.addWidget(part)
        row = QHBoxLayout()
        row.addWidget(self.leave)
        row.addWidget(self.write)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        for kind, button in self.buttons.items():
            button.setProperty("kind", kind)
            button.clicked.connect(self._on_kind)
        self.write.clicked.connect(self._on_write)
        self.leave.clicked.connect(self.left)
        for field, onward in ((self.file, self.phrase), (self.phrase, self.again), (self.again, self.write)):
            field.entered.connect(onward.setFocus)
        self.use("sealed")

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:  # type: ignore[override]
        self.file.setFocus(reason)

    def use(self, kind: str) -> None:
        self.kind = kind
        for name, button in self.buttons.items():
            button.use_kind("chosen" if name == kind else "normal")
        self.words.setText(KINDS[kind][1])
        for field in (self.phrase, self.again):
            field.setVisible(kind == "sealed")

    def _on_kind(self) -> None:
        self.use(str(self.sender().property("kind")))

    def _on_write(self) -> None:
        path, phrase = self.file.text().strip(), self.phrase.text() if self.kind == "sealed" else ""
        if not path:
            self._ask("Say first where the file shall lie.", self.file)
        elif self.kind == "sealed" and len(phrase) < MIN_WORDS:
            self._ask(f"The passphrase needs at least {MIN_WORDS} characters.", self.phrase)
        elif self.kind == "sealed" and phrase != self.again.text():
            self._ask("The two passphrases differ.", self.again)
        else:
            for field in (self.phrase, self.again):
                field.set_text("")
            self.wanted.emit(Path(path).expanduser(), self.kind, phrase)

    def _ask(self, words: str, field: Field) -> None:
        self.words.setText(words)
        field.setFocus()


def place_for(path: Path) -> None:
    """Raises print.file_exists, print.no_folder, before anything is issued."""
    if path.exists():
        raise EnvironmentFault(
            "There is a file of that name already.", code="print.file_exists", next_step="Choose another name."
        )
    if not path.parent.is_dir():
        raise EnvironmentFault(
            "The folder is not there.", code="print.no_folder", next_step="Choose a folder that exists."
        )


def write_private(path: Path, pdf: bytes) -> None:
    """The one permitted clear output (DESIGN §5): readable by its owner alone, never over an existing file."""
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
