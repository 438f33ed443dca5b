"""The ward's own reading of an image before the formal report (F09), and what it is worth beside that report: two entries.

Rules (CLINICAL §4.2, hazard H17): a reading says that it is provisional on every screen and sheet; it names the display;
it is compared with the formal report by a person, who says in words what differs.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from desktop.entry.form import Form
from desktop.entry.observations import Choice
from desktop.entry.phoned import Tick
from desktop.entry.typing_words import read_when, typed_moment, typed_time
from desktop.patient.words import short
from desktop.shell.parts import Field, Text
from desktop.shell.tokens import TARGET
from desktop.shell.type import SEMIBOLD, font
from localdb.chart import reports
from localdb.chart.evaluations import PROVISIONAL, Provisional, beside, formal, provisional, reported, said
from localdb.chart.reports import Examination, examinations, has_text
from localdb.chart.views import Entry
from localdb.records.moments import read_moment
from localdb.records.vocabulary import Report

# button -> the word of the entry
DISPLAYS = {"This laptop": "review", "Workstation": "diagnostic", "Film": "film", "Other": "other"}
REVIEW = "A review display: not for primary diagnosis. A radiologist's report follows."
AGREES, DIFFERS = "Agrees", "Differs"


def _writing(name: str, high: int) -> QPlainTextEdit:
    box = QPlainTextEdit()
    box.setFont(font("value", 400))
    box.setAccessibleName(name)
    box.setMinimumHeight(high)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)  # it takes the room that is left
    box.setTabChangesFocus(True)
    return box


class EvaluationForm(Form):
    """Fields: examination (where `about` names none), findings, action, seen, device, happened, role, phoned, told_at,
    awaited. `about` = the id of a report, study or request of the chart, or of an entry's examination."""

    kind = "evaluation"
    title = "Provisional reading"
    hint = f"{PROVISIONAL}. Kept word for word, with your name and the time. F09 prints it. Ctrl+Enter saves."
    save_words = "Save as provisional"

    def fill(self, column: QVBoxLayout) -> None:
        look, now = self.context.look, self.context.now()
        self.found = self._examination()
        if self.is_narrow:
            column.addWidget(Text(look, f"{PROVISIONAL}.", "label", "ink2", wrap=True))
        self.examination = Field(look, "Examination and side")
        self.examination.setVisible(self.found is None)
        if self.found is not None:
            column.addWidget(Text(look, self._named(self.found), "value", weight=SEMIBOLD, wrap=True))
        column.addWidget(self.examination)
        column.addWidget(Text(look, "Findings", "body", weight=SEMIBOLD))
        self.findings = _writing("Findings", 96)
        self.findings.textChanged.connect(self.touched)
        column.addWidget(self.findings, 1)
        self.action = Field(look, "Action")
        self.device = Field(look, "Which display, if another")
        self.happened = Field(look, "Looked at")
        self.role = Field(look, "Your role, registration number")
        self.phoned, self.told_at = Field(look, "Phoned to"), Field(look, "Phoned at")
        self.happened.set_text(typed_time(now, self.context.zone))
        self.seen = Choice(self, "Seen on", tuple((k, k.lower()) for k in DISPLAYS), letters=False)
        self.seen.setFixedHeight(TARGET)
        self.seen.choose("This laptop")
        self.awaited = Tick(look, "A formal report is awaited")
        self.awaited.setChecked(True)
        self.review = Text(look, REVIEW, "label", "ink2", wrap=True)
        self._arrange(column)
        order = [self.examination, self.action, self.device, self.happened, self.role, self.phoned, self.told_at]
        for field in order:
            field.box.textEdited.connect(self.touched)
        for field, following in pairwise(order):
            field.entered.connect(following.setFocus)
        order[-1].entered.connect(self.save_button_later)
        self.seen.changed.connect(self.touched)
        self.seen.changed.connect(self._say_display)
        self.awaited.toggled.connect(self.touched)
        self._say_display()
        self.setFocusProxy(self.findings if self.found is not None else self.examination)

    def _arrange(self, column: QVBoxLayout) -> None:
        look = self.context.look
        display = QVBoxLayout()
        display.setSpacing(5)
        for part in (Text(look, "Seen on", "body", weight=500), self.seen, self.device, self.review):
            display.addWidget(part)
        if self.is_narrow:
            column.addWidget(self.action)
            column.addLayout(display)
            for part in (self.happened, self.role, self.phoned, self.told_at, self.awaited):
                column.addWidget(part)
            return
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        grid.addWidget(self.action, 0, 0, 1, 2, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(display, 0, 2, 1, 2)
        for at, (part, share) in enumerate(((self.happened, 2), (self.role, 5), (self.phoned, 5), (self.told_at, 2))):
            grid.addWidget(part, 1, at)
            grid.setColumnStretch(at, share)
        column.addLayout(grid)
        column.addWidget(self.awaited)

    def save_button_later(self) -> None:
        """Enter in the last field leads to the button, it does not press it."""
        self.save_button.setFocus()

    def _say_display(self) -> None:
        self.device.setVisible(self.seen.value == "Other")
        self.review.setVisible(self.seen.value == "This laptop")

    def _entry(self) -> Entry | None:
        return next((e for e in self.chart.entries if e.id == self.corrects), None) if self.corrects else None

    def _examination(self) -> Examination | None:
        """What the reading is of: the one asked for, or that of the entry that is corrected."""
        found = examinations(self.chart, str(getattr(self.context.house, "role", "clinician")))
        former = self._entry()
        if former is not None:
            one = Provisional(entry=former)
            return next((e for e in found if beside(e, (one,))), None)
        return next(
            (e for e in found if self.about in {r.id for r in (e.report, e.study, e.request) if r is not None}), None
        )

    def _named(self, found: Examination) -> str:
        number = f"accession {found.accession}" if found.accession else ""
        parts = (found.name, short(found.moment, self.context.now()), number, found.status)
        return ", ".join(p for p in parts if p)

    def state(self) -> dict[str, Any]:
        fields = ("examination", "action", "device", "happened", "role", "phoned", "told_at")
        return {
            **{name: getattr(self, name).text() for name in fields}, "findings": self.findings.toPlainText(),
            "seen": self.seen.value, "awaited": self.awaited.isChecked(),
        }  # fmt: skip

    def restore(self, state: dict[str, Any]) -> None:
        for name in ("examination", "action", "device", "happened", "role", "phoned", "told_at"):
            if name in state:
                getattr(self, name).set_text(str(state[name]))
        self.findings.setPlainText(str(state.get("findings", "")))
        self.seen.choose(str(state.get("seen", "This laptop")))
        self.awaited.setChecked(bool(state.get("awaited", True)))

    def state_of(self, entry: Entry) -> dict[str, Any]:
        body, now, zone = entry.body, self.context.now(), self.context.zone
        phoned = body.get("phoned") or {}
        words = {v: k for k, v in DISPLAYS.items()}
        return {
            **{name: body.get(name) or "" for name in ("examination", "action", "device", "role", "findings")},
            "happened": typed_moment(entry.happened, now, zone), "phoned": phoned.get("to", ""),
            "told_at": typed_moment(read_moment(str(phoned["at"])), now, zone) if phoned else "",
            "seen": words.get(str(body.get("seen_on")), "Other"), "awaited": bool(body.get("awaited", True)),
        }  # fmt: skip

    def refusal(self) -> str:
        if self.found is None and not self.examination.text().strip():
            return "Say which examination it is, and which side."
        if not self.findings.toPlainText().strip():
            return "No findings are written yet. Nothing abnormal seen is a finding too."
        if self.seen.value == "Other" and not self.device.text().strip():
            return "Say on which other display it was seen."
        if bool(self.phoned.text().strip()) != bool(self.told_at.text().strip()):
            return "Say both who was phoned and when."
        return ""

    def body(self) -> dict[str, Any]:
        now, zone = self.context.now(), self.context.zone
        found, former = self.found, self._entry()
        made: dict[str, Any] = {
            "happened": read_when(self.happened.text(), now, zone), "seen_on": DISPLAYS[self.seen.value],
            "findings": self.findings.toPlainText(),
        }  # fmt: skip
        if found is not None:
            made |= {"examination": found.name[:2000], "records": sorted(
                {r.id for r in (found.report, found.study, found.request) if r is not None})}  # fmt: skip
            done = found.moment if found.report is not None or found.study is not None else None
            made |= {"study": found.study.uid} if found.study is not None and found.study.uid else {}
            made |= {"accession": found.accession} if found.accession else {}
            if done is not None and done.utc is not None and (done.precision == "day" or done.offset is not None):
                made["done"] = done.text
        else:
            made["examination"] = self.examination.text().strip()
            if former is not None:  # of an examination that has left the copy
                made |= {k: former.body[k] for k in ("study", "accession", "records", "done") if k in former.body}
        texts = {name: getattr(self, name).text().strip() for name in ("action", "device", "role")}
        if self.seen.value != "Other":
            texts["device"] = ""
        made |= {name: text for name, text in texts.items() if text}
        if to := self.phoned.text().strip():
            made["phoned"] = {"to": to, "at": read_when(self.told_at.text(), now, zone)}
        return made if self.awaited.isChecked() else {**made, "awaited": False}


class ComparisonForm(Form):
    """The reading and the formal report side by side. `about` = the evaluation's id. Fields: outcome, words, told."""

    kind = "comparison"
    title = "Does the formal report agree?"
    hint = "The ward's reading at the left, the formal report at the right. What differs stays, in your words."
    save_words = "Save comparison"

    def fill(self, column: QVBoxLayout) -> None:
        look, now = self.context.look, self.context.now()
        every = provisional(self.chart)
        former = next((e for e in self.chart.entries if e.id == self.corrects), None)
        wanted = str(former.body.get("evaluation")) if former is not None else self.about
        self.reading = next((p for p in every if p.entry.id == wanted), None)
        found = examinations(self.chart, str(getattr(self.context.house, "role", "clinician")))
        self.found = next((e for e in found if self.reading is not None and beside(e, (self.reading,))), None)
        self.report = formal(self.found) if self.found is not None else None
        row = QHBoxLayout()
        row.setSpacing(24)
        row.addWidget(self._side(*self._ward_words()), 1)
        row.addWidget(self._side(*self._report_words()), 1)
        column.addLayout(row, 1)
        self.outcome = Choice(self, "The formal report", ((AGREES, "agrees"), (DIFFERS, "differs")), letters=False)
        self.outcome.changed.connect(self.touched)
        column.addWidget(self.outcome)
        column.addWidget(Text(look, "In what it differs, and what was done", "body", weight=SEMIBOLD))
        self.words = _writing("In what it differs, and what was done", 66)
        self.words.setFixedHeight(66)
        self.words.textChanged.connect(self.touched)
        column.addWidget(self.words)
        self.told, self.happened = (
            Field(look, "Who was told"),
            Field(look, "Compared at", box_width=120),
        )
        self.happened.set_text(typed_time(now, self.context.zone))
        last = QHBoxLayout()
        last.addWidget(self.told, 1)
        last.addWidget(self.happened)
        column.addLayout(last)
        for field in (self.told, self.happened):
            field.box.textEdited.connect(self.touched)
        self.setFocusProxy(self.outcome)

    def _side(self, head: str, when: str, words: str) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        look = self.context.look
        column.addWidget(Text(look, head, "body", weight=SEMIBOLD, wrap=True))
        column.addWidget(Text(look, when, "label", "ink2", wrap=True))
        column.addWidget(Text(look, words, "body", wrap=True))
        column.addStretch(1)
        return made

    def _ward_words(self) -> tuple[str, str, str]:
        if self.reading is None:
            return "The reading is not in this record", "", ""
        entry = self.reading.entry
        signed = f"{entry.staff}, {short(entry.written, self.context.now())}, {entry.number}"
        return f"{PROVISIONAL}: {entry.body.get('examination', '')}", signed, "\n".join(said(entry))

    def _report_words(self) -> tuple[str, str, str]:
        report = self.report
        if report is None:
            return "No formal report of it is in this copy", "", ""
        signed = ", ".join(
            x for x in (report.author or "author not recorded", short(report.said, self.context.now())) if x
        )
        return f"Formal report: {report.text}, {reports.report_word(report)}", signed, _text_of(report)

    def state(self) -> dict[str, Any]:
        return {"outcome": self.outcome.value, "words": self.words.toPlainText(), "told": self.told.text(),
                "happened": self.happened.text()}  # fmt: skip

    def restore(self, state: dict[str, Any]) -> None:
        self.outcome.choose(str(state.get("outcome", "")))
        self.words.setPlainText(str(state.get("words", "")))
        self.told.set_text(str(state.get("told", "")))
        self.happened.set_text(str(state.get("happened", self.happened.text())))

    def state_of(self, entry: Entry) -> dict[str, Any]:
        body = entry.body
        return {"outcome": {"agrees": AGREES, "differs": DIFFERS}.get(str(body.get("outcome")), ""),
                "words": body.get("words") or "", "told": body.get("told") or "",
                "happened": typed_moment(entry.happened, self.context.now(), self.context.zone)}  # fmt: skip

    def refusal(self) -> str:
        if self.reading is None:
            return "The reading is not in this record."
        if self.report is None:
            return "No formal report of it is in this copy."
        if not self.outcome.value:
            return "Say whether the formal report agrees or differs."
        if self.outcome.value == DIFFERS and not self.words.toPlainText().strip():
            return "Say in what the formal report differs."
        return ""

    def body(self) -> dict[str, Any]:
        assert self.reading is not None
        assert self.report is not None
        made: dict[str, Any] = {
            "happened": read_when(self.happened.text(), self.context.now(), self.context.zone),
            "evaluation": self.reading.entry.id, "outcome": self.outcome.value.lower(), "report": self.report.id,
            "examination": str(self.reading.entry.body.get("examination", "")), "reported": reported(self.report),
        }  # fmt: skip
        texts = {"words": self.words.toPlainText().strip(), "told": self.told.text().strip()}
        return {**made, **{name: text for name, text in texts.items() if text}}


def _text_of(report: Report) -> str:
    """The words of a report in reading order: what was added or corrected first."""
    if not has_text(report):
        return "No text of this report is in this copy."
    texts = (*report.addenda, report.body, f"Conclusion: {report.conclusion}" if report.conclusion else "")
    whole = "\n".join(t for t in texts if t)
    return whole or "Its text is a file: read it in the section Imaging."
