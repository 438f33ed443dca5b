"""Record (F8): for whom, then which kind. Nothing can be recorded without a patient who was chosen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.shell.context import Context
from desktop.shell.page import Place
from desktop.shell.parts import Button, MicroBanner, Text
from desktop.shell.tokens import TARGET
from localdb.chart import wording
from localdb.chart.registered import REGISTERED
from localdb.chart.views import Chart

KINDS = (
    (
        "observations",
        "Observation set",
        "obs",
        "Respirations, SpO2, blood pressure, pulse, consciousness, temperature.",
    ),
    ("phoned_result", "Result by phone", "phone", "Read back digit by digit; stays marked as unconfirmed."),
    ("note", "Note", "letters", "What was seen, said or done."),
    ("request", "Request", "send", "What the laboratory or another department is asked for."),
    ("evaluation", "Image reading", "imaging", "What you see in an image or film before its report: PROVISIONAL."),
)


class RecordPlace(Place):
    """The choice of kind for one patient."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, "Record", " ")
        self.patient = ""
        self._banner: MicroBanner | None = None
        self.buttons: dict[str, Button] = {}
        inner = QWidget()
        grid = QVBoxLayout(inner)
        grid.setContentsMargins(3, 12, 0, 3)
        grid.setSpacing(12)
        for kind, words, icon, what in KINDS:
            button = Button(self.look, words, icon=icon)
            button.setFixedSize(240, TARGET)
            button.setProperty("kind", kind)
            button.clicked.connect(self._on_kind)
            self.buttons[kind] = button
            row = QHBoxLayout()
            row.setSpacing(16)
            row.addWidget(button)
            row.addWidget(Text(self.look, what, "body", "ink2", wrap=True), 1)
            grid.addLayout(row)
        self._identify = QWidget()
        row = QHBoxLayout(self._identify)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        who = Button(self.look, "Who this patient is", icon="summary", name="Who this patient is believed to be")
        who.setFixedSize(240, TARGET)
        who.setProperty("kind", "identification")
        who.clicked.connect(self._on_kind)
        row.addWidget(who)
        words = "Registered here, and found to be somebody: matched by two people. It joins nothing."
        row.addWidget(Text(self.look, words, "body", "ink2", wrap=True), 1)
        grid.addWidget(self._identify)
        grid.addStretch(1)
        self._kinds = QScrollArea()
        self._kinds.setWidget(inner)
        self._kinds.setWidgetResizable(True)
        self._kinds.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._kinds.setAccessibleName("What is recorded")
        self.column.addWidget(self._kinds, 1)
        self.unknown = Button(self.look, "Register a patient who is in no copy", icon="everyone", hint="Ctrl+N")
        self.unknown.clicked.connect(context.register)
        row = QHBoxLayout()
        row.setContentsMargins(0, 16, 0, 0)
        row.addWidget(self.unknown)
        row.addStretch(1)
        self.column.addLayout(row)

        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Record")

    def show_for(self, patient: str) -> None:
        """Ask which kind for this person; "" = nobody is chosen yet."""
        self._forget()
        self.patient = ""
        self._kinds.setVisible(False)
        self.unknown.setVisible(True)
        self.setFocusProxy(None)  # type: ignore[arg-type]  # the keys must not go to what is hidden
        if not patient:
            self.say(
                "Record", "Choose whom it is about: a bed on the ward (F3), or find the patient (F2). Then F8 again."
            )
            return
        self.say("Record", "Opening …")
        self.ask(lambda reading: reading.chart(patient), self._on_chart)

    def _forget(self) -> None:
        if self._banner is not None:
            self._banner.leave()
            self._banner = None

    def _on_chart(self, chart: Chart) -> None:
        view = chart.patient
        self._forget()
        born = wording.born_text(view.born, self.context.now(), estimated=view.born_estimated)
        name = wording.display_name(view.name)
        self._banner = MicroBanner(self.look, name, born, wording.nhs_number(view.nhs))
        self.column.insertWidget(2, self._banner)
        self.patient = view.id
        alike = f"{chart.alike}: check two identifiers. " if chart.alike else ""
        self.say("Record", f"{alike}What is it? Each is on disk before its number is shown.")
        self.unknown.setVisible(False)  # beside a patient's name it could be read as that patient's; Ctrl+N works
        self._identify.setVisible(view.scope == REGISTERED)
        self._kinds.setVisible(True)
        self.setFocusProxy(self.buttons["observations"])
        self.buttons["observations"].setFocus()

    def _on_kind(self) -> None:
        if self.patient:
            self.context.record.emit(str(self.sender().property("kind")), self.patient, None)
