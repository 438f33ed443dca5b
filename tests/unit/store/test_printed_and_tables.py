"""Printed reports and table rows in the intake: they find their patient, or wait, and are never filed to another."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from localdb.records.vocabulary import RECORD_DECODER, Document, Result
from localdb.sources.printed.reading import read_printed
from localdb.sources.printed.rules import read_rule
from localdb.sources.profiles import SourceProfile
from localdb.sources.tables.mapping import read_mapping
from localdb.sources.tables.reading import read_table
from localdb.store.blobs import BlobStore
from localdb.store.intake import Intake

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[3] / "resources/feeds"
PEOPLE = """
kind = "patient"
[patient]
number = "MRN"
assigner = "RXX"
family = "Surname"
given = "Forename"
born = "DOB"
[order]
by = "row"
column = "Changed"
"""
HEADER = "MRN,Surname,Forename,DOB,Changed\n"


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    blobs = BlobStore(tmp_path / "blobs", b"b" * 32)
    made = Intake(tmp_path / "intake.db", b"k" * 32, lambda: NOW, create=True, blobs=blobs)
    yield made
    made.close()


def people(*rows: str):
    return read_table("p.csv", (HEADER + "\n".join(rows)).encode(), "epr", SourceProfile(), read_mapping(PEOPLE))


def report(born: str = "03/04/1970", family: str = "EXAMPLE", rule: str = ""):
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for n, line in enumerate((f"Patient: {family}, Zoë Ann", f"Date of birth: {born}", "Hospital no. 0012345")):
        canvas.drawString(60, 780 - 20 * n, line)
    canvas.save()
    text = rule or (EXAMPLES / "printed.toml").read_text("utf-8")
    return read_printed("0012345_DISCH_20261120_1405.pdf", out.getvalue(), "epr", SourceProfile(), read_rule(text))


def documents(intake: Intake) -> list[tuple[str, Document]]:
    intake.commit()
    rows = intake.connection.execute("select patient, body from record where kind='document'").fetchall()
    found = [(p, RECORD_DECODER.decode(b)) for p, b in rows]
    return [(p, d) for p, d in found if isinstance(d, Document)]


@pytest.mark.parametrize("by_number", [False, True], ids=["the source's own key", "looked up by number"])
def test_a_report_waits_until_its_patient_comes(intake: Intake, by_number: bool):
    rule = (EXAMPLES / "printed.toml").read_text("utf-8")
    rule = rule.replace('assigner = "RXX"', 'system = "RXX"') if by_number else rule
    assert [o.outcome for o in intake.take(report(rule=rule))] == ["waiting"]
    assert documents(intake) == []
    assert [o.outcome for o in intake.take(people("0012345,Example,Zoë Ann,1970-04-03,2026-11-20"))] == ["taken"]
    assert [o.outcome for o in intake.retry_waiting()] == ["taken"]
    ((patient, document),) = documents(intake)
    (row,) = intake.connection.execute("select id from patient").fetchall()
    assert patient == document.patient == row[0]
    assert document.title == "Discharge summary"
    assert [o.outcome for o in intake.take(report(rule=rule))] == ["same"]


@pytest.mark.parametrize("wrong", [{"born": "03/04/1971"}, {"family": "SAMPLE"}])
def test_a_report_about_another_person_is_filed_to_nobody(intake: Intake, wrong: dict[str, str]):
    intake.take(people("0012345,Example,Zoë Ann,1970-04-03,2026-11-20"))
    (outcome,) = intake.take(report(**wrong))
    assert (outcome.outcome, outcome.code) == ("set_aside", "printed.other_person")
    assert documents(intake) == []
    (item,) = intake.aside_items()
    assert item["code"] == "printed.other_person"


def test_a_report_that_waited_is_checked_too(intake: Intake):
    intake.take(report(born="03/04/1971"))
    intake.take(people("0012345,Example,Zoë Ann,1970-04-03,2026-11-20"))
    assert [(o.outcome, o.code) for o in intake.retry_waiting()] == [("set_aside", "printed.other_person")]
    assert documents(intake) == []


def test_the_laboratory_example_in_any_order(intake: Intake):
    mapping = read_mapping((EXAMPLES / "laboratory.toml").read_text("utf-8"))
    reading = read_table("laboratory.csv", (EXAMPLES / "laboratory.csv").read_bytes(), "lims", SourceProfile(), mapping)
    outcomes = [o.outcome for o in intake.take(reading)]
    assert outcomes == ["taken", "taken", "taken", "taken", "set_aside"]
    assert [o.outcome for o in intake.take(reading)] == ["same", "same", "same", "same", "set_aside"]
    intake.commit()
    bodies = [r[0] for r in intake.connection.execute("select body from record where kind='result'")]
    results = {r.text: r for r in map(RECORD_DECODER.decode, bodies) if isinstance(r, Result)}
    assert {t: (r.value, r.comparator, r.status) for t, r in results.items()} == {
        "Potassium": ("5.10", None, "final"),
        "C-reactive protein": ("5", "<", "final"),
        "Sodium": ("138", None, "corrected"),
    }
    assert [i["code"] for i in intake.aside_items()] == ["table.nhs_unsound"]


def test_an_older_row_does_not_replace_a_newer_one(intake: Intake):
    intake.take(people("0012345,Example,Zoë Ann,1970-04-03,2026-11-20"))
    intake.take(people("0012345,Formerly,Zoë Ann,1970-04-03,2026-11-19"))
    intake.commit()
    (body,) = intake.connection.execute("select body from record where kind='patient'").fetchone()
    assert b"Example" in body and b"Formerly" not in body
