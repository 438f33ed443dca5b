"""RDE, RDS, RAS, OMP, ORM with RXO, VXU (CLINICAL §5.2): amounts as sent, a dose that was not given says why."""

from __future__ import annotations

import pytest

from localdb.records.vocabulary import Administration, Medicine
from tests.unit.sources.hl7v2_help import PID, message, one, told, unit

ORC = "ORC|NW|M1^EPR|||||||20261120010000|||D1^Singh^Priya"


def test_a_prescription_as_encoded() -> None:
    found: Medicine = one(
        message(
            "RDE^O11", PID, ORC, "TQ1|1||TDS&Three times a day&L|0800~1400~2200|||20261120080000|20261127080000|R",
            "RXO|S2^Paracetamol^L|500||mg", "RXR|PO^Oral",
            "RXE||D5^Dafalgan 500 mg tablets^L|2.5||mg^milligram|TAB^Tablet|01^Take with water", "NTE|1||Check weight",
            "TQ1|1||TDS&Three times a day&L|0800~1400~2200|||20261120080000|20261127080000|R", "RXR|IV^Intravenous",
            "RXC|B|N02^Paracetamol^ATC|500|mg",
        ),
        "medicine",
    )  # fmt: skip
    assert (found.text, found.status, found.dose) == ("Dafalgan 500 mg tablets", "active", "2.5 mg")
    assert (found.route, found.frequency) == ("Intravenous", "Three times a day at 0800, 1400, 2200")
    assert found.instructions == "Take with water"
    assert (found.form, found.times, found.every) == ("Tablet", ("08:00", "14:00", "22:00"), "1 d")
    assert found.comments == ("Check weight", "Ordered as: Paracetamol", "Contains: Paracetamol 500 mg")
    assert found.happened is not None and found.happened.text == "20261120080000"
    assert found.ended is not None and found.ended.text == "20261127080000"
    assert (found.author, found.as_needed) == ("Priya Singh", False)


def test_clock_times_are_kept_as_sent_and_hold_for_any_day_only_where_the_pattern_is_one_of_a_day() -> None:
    def sent(pattern: str, clock: str) -> Medicine:
        found: Medicine = one(
            message("RDE^O11", PID, ORC, f"TQ1|1||{pattern}|{clock}", "RXE||D5^Dafalgan^L|2.5||mg||TAB^Tablet"),
            "medicine",
        )
        return found

    assert (sent("TID", "0800~1400~2200").times, sent("TID", "0800").every) == (("08:00", "14:00", "22:00"), "1 d")
    weekly = sent("Q1J1", "0800")
    assert (weekly.times, weekly.every) == (("08:00",), "")
    assert sent("TID", "noon").times == ("noon",)
    assert sent("TID", "").times == () and sent("TID", "").due == ()


def test_a_message_that_asks_for_one_dose_says_when_it_is_due() -> None:
    asked: Medicine = one(
        message("RGV^O15", PID, ORC, "TQ1|1||||||20261124024500",
                "RXG|1||^^^20261124024500|D5^Dafalgan^L|2.5||mg|TAB^Tablet"),
        "medicine",
    )  # fmt: skip
    assert [m.text for m in asked.due] == ["20261124024500"]
    ordered: Medicine = one(
        message("RDE^O11", PID, ORC, "TQ1|1||TID||||20261124024500", "RXE||D5^Dafalgan^L|2.5||mg"), "medicine"
    )
    assert ordered.due == (), "the start of an order is not a dose that is due"


def test_a_prescription_of_an_older_version() -> None:
    """As linuxforhealth's: ORC|NW|F800006^OE|P800006^RX|||E|10^BID^D4^^^R||20180622230000 with an RXO."""
    found: Medicine = one(
        message(
            "OMP^O09", PID, "ORC|NW|F8^OE|P8^RX|||E|10^BID^D4^^^PRN||20180622230000", "RXO|RX8^Test15 SODIUM^L|100||mg"
        ),
        "medicine",
    )
    assert (found.text, found.dose, found.frequency, found.as_needed) == ("Test15 SODIUM", "100 mg", "BID", True)


@pytest.mark.parametrize(
    ("control", "order", "status"),
    [
        ("DC", "", "stopped"),
        ("CA", "", "cancelled"),
        ("HD", "", "on-hold"),
        ("RL", "", "active"),
        ("SC", "CM", "completed"),
    ],
)
def test_a_later_event_changes_the_status_only(control: str, order: str, status: str) -> None:
    placed: Medicine = one(message("RDE^O11", PID, ORC, "RXE||D5^Dafalgan^L|2.5||mg"), "medicine")
    found = unit(message("RDE^O11", PID, f"ORC|{control}|M1^EPR|||{order}"))
    (changed,) = told(found, "medicine")
    assert (changed.id, changed.status, changed.text, changed.dose) == (placed.id, status, "", "")
    assert all(f.partial for f in found.facts if f.kind == "medicine")


def test_a_rate_and_a_range_of_doses() -> None:
    rxe = ["RXE", "", "M^Morphine^L", "1", "2", "mg"] + [""] * 17 + ["5", "mL/h"]
    found: Medicine = one(message("RDE^O11", PID, ORC, "|".join(rxe)), "medicine")
    assert found.dose == "1-2 mg at 5 mL/h"


def test_several_drugs_under_one_number_are_several_medicines() -> None:
    found = told(unit(message("RDE^O11", PID, ORC, "RXE||A^Alpha^L|1||mg", ORC, "RXE||B^Beta^L|2||mg")), "medicine")
    assert len({m.id for m in found}) == 2


def rxa(completion: str = "", reason: str = "", action: str = "", dose: str = "5") -> str:
    fields = ["RXA", "0", "1", "20261120080000", "", "G^Gentamicin^L", dose, "mg", "", "", "N1^Hill^Eve"]
    return "|".join([*fields, *[""] * 7, reason, "", completion, action])


@pytest.mark.parametrize(
    ("completion", "reason", "action", "status", "why"),
    [
        ("CP", "", "A", "completed", ""), ("", "", "", "completed", ""), ("RE", "01^Refused^L", "", "not-done", "Refused"),
        ("NA", "02^Not available^L", "", "not-done", "Not available"), ("", "03^Asleep^L", "", "not-done", "Asleep"),
        ("CP", "", "D", "entered-in-error", ""),
    ],
)  # fmt: skip
def test_given_and_not_given(completion: str, reason: str, action: str, status: str, why: str) -> None:
    found = unit(message("RAS^O17", PID, ORC, rxa(completion, reason, action), "RXR|IV^Intravenous"))
    (dose,) = told(found, "administration")
    assert isinstance(dose, Administration)
    assert (dose.status, dose.reason, dose.dose, dose.route) == (status, why, "5 mg", "Intravenous")
    assert (dose.text, dose.author, dose.request) == ("Gentamicin", "Eve Hill", "MedicationRequest/M1^EPR")
    assert dose.happened is not None and dose.happened.text == "20261120080000"
    assert told(found, "medicine") == []


def test_partly_given_says_so_and_an_unknown_amount_is_no_amount() -> None:
    (dose,) = told(unit(message("RAS^O17", PID, ORC, rxa("PA", dose="999"))), "administration")
    assert (dose.status, dose.comments, dose.dose) == ("completed", ("Partly given",), "")


def test_vaccinations_given_refused_taken_over_and_deleted() -> None:
    # As linuxforhealth sends it.
    refused = "RXA|0|1|20170513|20170513|62^HPV quadrivalent^CVX|999||||||||||||00^Parental Refusal^NIP002||RE"
    (found,) = told(unit(message("VXU^V04", PID, "ORC|RE||I1^EHR", refused)), "administration")
    assert (found.status, found.reason, found.text) == ("not-done", "Parental Refusal", "HPV quadrivalent")
    old = "RXA|0|1|20010513||20^DTaP^CVX|0.5|mL^mL^UCUM||01^Historical^NIP001||||||LOT1||MSD^Merck^MVX|||CP|A"
    (found,) = told(unit(message("VXU^V04", PID, "ORC|RE||I2^EHR", old)), "administration")
    assert (found.dose, found.status) == ("0.5 mL", "completed")
    assert found.comments == ("Historical", "Lot: LOT1", "Maker: Merck")
    (gone,) = told(unit(message("VXU^V04", PID, "ORC|RE||I2^EHR", old[:-1] + "D")), "administration")
    assert (gone.id, gone.status) == (found.id, "entered-in-error")


def test_no_vaccine_administered_is_no_vaccination() -> None:
    found = unit(
        message("VXU^V04", PID, "ORC|RE||9999^EHR", "RXA|0|1|20261120||998^No vaccine^CVX|999||||||||||||||NA",
                "OBX|1|CE|59784-9^Disease with presumed immunity^LN||38907003^Varicella^SCT||||||F")
    )  # fmt: skip
    assert told(found, "administration") == []
    assert [r.value for r in told(found, "observation")] == ["Varicella"]
