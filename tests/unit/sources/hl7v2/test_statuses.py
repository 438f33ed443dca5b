"""OBX-11, OBR-25, ORC-1 and ORC-5 (tables 0085, 0123, 0119, 0038; CLINICAL §3.1)."""

from __future__ import annotations

import pytest

from localdb.chart.cells import NOT_AVAILABLE, PRELIM, UNVERIFIED, VALUE, WAITING, WITHDRAWN, cells_of
from localdb.records.vocabulary import Request, Result
from localdb.sources.hl7v2.statuses import report_status, request_status, result_status
from tests.unit.sources.hl7v2_help import PID, message, one, unit

OBR = "OBR|1|P1|F1|UE^Urea and electrolytes^L|||20261120013000|||||||||||||||20261120020000|||F"


@pytest.mark.parametrize(
    ("code", "word", "state"),
    [
        ("F", "final", VALUE), ("U", "final", VALUE), ("P", "preliminary", VALUE), ("S", "preliminary", VALUE),
        ("R", "preliminary", VALUE), ("C", "corrected", VALUE), ("D", "entered-in-error", WITHDRAWN),
        ("W", "entered-in-error", WITHDRAWN), ("X", "cancelled", NOT_AVAILABLE), ("N", "cancelled", NOT_AVAILABLE),
    ],
)  # fmt: skip
def test_every_result_status_as_the_chart_shows_it(code: str, word: str, state: str) -> None:
    found: Result = one(
        message("ORU^R01", PID, OBR, f"OBX|1|NM|K^Potassium^L||6.83|mmol/L|3.5-5.3|H|||{code}"), "result"
    )
    (cell,) = cells_of(found)
    assert (found.status, cell.state) == (word, state)
    is_held = state == VALUE
    assert (found.value, found.flag) == (("6.83", "H") if is_held else (None, None))
    assert cell.text == ("6.83" if is_held else "")
    assert (cell.mark in (PRELIM, UNVERIFIED)) == (word == "preliminary")


@pytest.mark.parametrize("code", ["I", "O"])
def test_a_specimen_that_is_in_the_laboratory_waits(code: str) -> None:
    found: Result = one(message("ORU^R01", PID, OBR, f"OBX|1|NM|K^Potassium^L||||||||{code}"), "result")
    (cell,) = cells_of(found)
    assert (found.status, cell.state) == ("registered", WAITING)


def test_unverified_says_so() -> None:
    found = one(message("ORU^R01", PID, OBR, "OBX|1|NM|K^Potassium^L||4.1|mmol/L|||||R"), "result")
    assert any("UNVERIFIED" in c for c in found.comments)


def test_a_status_that_no_table_has_is_shown_as_sent() -> None:
    found = one(message("ORU^R01", PID, OBR, "OBX|1|NM|K^Potassium^L||4.1|mmol/L|||||unknown"), "result")
    assert (found.status, found.comments) == ("unknown", ("Status as sent: unknown",))


@pytest.mark.parametrize(
    ("segments", "reason"),
    [
        (("OBX|1|NM|K^Potassium^L||||||||X", "NTE|1|L|Haemolysed"), "Haemolysed"),
        (("OBX|1|ST|K^Potassium^L||Insufficient||||||X",), "Insufficient"),
        (("OBX|1|NM|K^Potassium^L||||||||X",), "cannot be obtained"),
        (("OBX|1|NM|K^Potassium^L||||||||N",), "not asked"),
    ],
)
def test_what_is_not_to_be_had_says_why(segments: tuple[str, ...], reason: str) -> None:
    (cell,) = cells_of(one(message("ORU^R01", PID, OBR, *segments), "result"))
    assert (cell.state, cell.reason) == (NOT_AVAILABLE, reason)


def test_at_one_moment_the_withdrawal_stands_above_the_correction_above_the_final_above_the_preliminary() -> None:
    ties = [result_status(code).tie for code in "PFCW"]
    assert ties == sorted(ties) and len(set(ties)) == 4
    assert result_status("D").tie == result_status("W").tie == result_status("X").tie
    (fact,) = [
        f for f in unit(message("ORU^R01", PID, OBR, "OBX|1|NM|K^K^L||6||||||W")).facts if f.kind == "result"
    ]  # fmt: skip
    assert fact.tie == result_status("W").tie


@pytest.mark.parametrize(
    ("code", "word"),
    [("F", "final"), ("C", "corrected"), ("P", "preliminary"), ("R", "preliminary"), ("A", "partial"),
     ("I", "registered"), ("S", "registered"), ("O", "registered"), ("X", "cancelled"), ("Q", "Q")],
)  # fmt: skip
def test_report_statuses(code: str, word: str) -> None:
    assert report_status(code).word == word


def test_a_report_without_a_status_says_what_its_results_say() -> None:
    assert report_status("", ("final", "final")).word == "final"
    assert report_status("", ("final", "preliminary")).word == "preliminary"
    assert report_status("").word == ""


@pytest.mark.parametrize(
    ("control", "order", "report", "word"),
    [
        ("NW", "", "", "active"), ("NW", "IP", "", "active"), ("CA", "", "", "revoked"), ("OC", "", "", "revoked"),
        ("CR", "IP", "", "revoked"), ("DC", "", "", "revoked"), ("HD", "", "", "on-hold"), ("RL", "HD", "", "active"),
        ("SC", "CM", "", "completed"), ("SC", "HD", "", "on-hold"), ("SC", "CA", "", "revoked"),
        ("SC", "", "F", "completed"), ("RE", "CM", "", "completed"), ("SC", "", "", ""),
    ],
)  # fmt: skip
def test_request_statuses(control: str, order: str, report: str, word: str) -> None:
    assert request_status(control, order, report) == word


def test_a_final_result_closes_the_request_behind_it_and_a_preliminary_one_does_not() -> None:
    order: Request = one(message("ORM^O01", PID, "ORC|NW|P1", "OBR|1|P1||UE^Urea and electrolytes^L"), "request")
    value = "OBX|1|NM|K^Potassium^L||4.1|mmol/L|||||F"
    final: Request = one(message("ORU^R01", PID, OBR, value), "request")
    early: Request = one(message("ORU^R01", PID, OBR[:-1] + "P", value), "request")
    assert order.id == final.id == early.id
    assert (order.status, final.status, early.status) == ("active", "completed", "active")


@pytest.mark.parametrize(
    ("kind", "status", "word"),
    [
        ("NM|K^Potassium^L||6.83|mmol/L", "F", "final"),  # a panel: its results say for themselves that they are gone
        ("NM|K^Potassium^L||6.83|mmol/L", "", "entered-in-error"),  # nothing else was said of it
        ("TX|T^Text^L||" + "Consolidation in the right lower lobe, with a small effusion on that side. " * 2, "F",
         "entered-in-error"),  # a text that was withdrawn is withdrawn whole
    ],
)  # fmt: skip
def test_a_panel_stands_as_obr_25_says_and_a_withdrawn_text_is_gone(kind: str, status: str, word: str) -> None:
    obr = f"OBR|1|P1|F1|X^Panel^L|||20261120013000|||||||||||||||20261120020000||LAB|{status}"
    obx = f"OBX|1|{kind}||||||W" if kind.startswith("TX") else f"OBX|1|{kind}|3.5-5.3|H|||W"
    found = one(message("ORU^R01", PID, obr, obx), "report")
    assert found.status == word
