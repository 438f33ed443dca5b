"""What a bed of the board says: one frozen row per bed, made of the census (CensusRow). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desktop.lamp.state import short_time
from desktop.ward.marks import ALLERGY_WORDS, Mark, marks_of
from localdb.chart import wording
from localdb.chart.views import Census, CensusRow, PatientView


@dataclass(frozen=True, slots=True)
class BedRow:
    """One line of the board. `patient` "" where the bed is empty; then `note` says so in words."""

    bed: str
    patient: str = ""
    family: str = ""
    given: str = ""
    reason: str = ""
    age: str = ""
    team: str = ""
    allergy: str = ""
    marks: tuple[Mark, ...] = ()
    chip: str = ""
    alike: str = ""
    is_deceased: bool = False
    score: str = ""
    score_at: str = ""
    is_score_whole: bool = True
    waiting: int = 0
    entries: int = 0
    note: str = ""

    @property
    def text(self) -> str:
        """The line in words, for screen readers."""
        if not self.patient:
            return f"Bed {self.bed}, {self.note}"
        facts = [
            f"Bed {self.bed}",
            ", ".join(x for x in (self.family, self.given) if x),
            self.alike.lower(),
            "died" if self.is_deceased else self.age,
            self.reason,
            self.team,
            ALLERGY_WORDS[self.allergy],
            *(m.means for m in self.marks),
            f"NEWS2 {self.score} at {self.score_at}, as sent" if self.score and self.is_score_whole else "",
            f"NEWS2 incomplete at {self.score_at}" if self.score and not self.is_score_whole else "",
            f"{self.waiting} tests waiting" if self.waiting else "",
            f"{self.entries} written here" if self.entries else "",
        ]
        return ", ".join(x for x in facts if x)


def list_name(patient: PatientView) -> tuple[str, str]:
    """`OKONKWO` and `Ifeoma`: the two halves of the displayed name without its title; a mononym has one half."""
    shown = wording.display_name(patient.name)
    family, comma, given = shown.partition(", ")
    if not comma:
        return shown.split(" (")[0], ""
    return family, given.rsplit(" (", 1)[0] if given.endswith(")") else given


def team_of(consultant: str) -> str:
    """The consultant's family name: the last word (`Dr S. Rahman` → `Rahman`)."""
    words = wording.clean(consultant).split(" ")
    return words[-1] if words else ""


def bed_row(row: CensusRow, now: datetime) -> BedRow:
    patient = row.patient
    if patient is None:
        return BedRow(bed=row.bed, note=row.note or "empty")
    family, given = list_name(patient)
    marks = marks_of(row.alerts)
    isolation = next((m.chip for m in marks if m.chip), "")
    age = wording.age(patient.born, now)
    return BedRow(
        bed=row.bed,
        patient=patient.id,
        family=family,
        given=given,
        reason=wording.clean(patient.reason),
        age=f"about {age}" if age and patient.born_estimated and "-" not in age else age,
        team=team_of(patient.consultant),
        allergy=row.allergy_state,
        marks=tuple(m for m in marks if not m.chip),
        chip=isolation,
        alike=row.alike,
        is_deceased=patient.is_deceased,
        score=row.score,
        score_at=short_time(row.score_at, now),
        is_score_whole=row.is_score_whole,
        waiting=row.waiting,
        entries=row.entries,
    )


def bed_rows(census: Census, now: datetime) -> tuple[BedRow, ...]:
    return tuple(bed_row(row, now) for row in census.rows)


def ward_counts(rows: tuple[BedRow, ...]) -> tuple[str, str]:
    """`25 patients` and `2 empty, 1 closed`."""
    patients = sum(bool(r.patient) for r in rows)
    closed = sum(not r.patient and r.note.startswith("closed") for r in rows)
    empty = len(rows) - patients - closed
    spare = ", ".join(x for x in (f"{empty} empty" if empty else "", f"{closed} closed" if closed else "") if x)
    if not spare:
        spare = f"{len(rows)} beds, all in use" if len(rows) != 1 else "1 bed, in use"
    return f"{patients} patient{'' if patients == 1 else 's'}", spare
