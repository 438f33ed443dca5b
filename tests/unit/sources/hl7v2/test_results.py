"""ORU and OUL (CLINICAL §3.1): one OBX is one result, its comments beside it, its order's facts in it."""

from __future__ import annotations

from localdb.records.vocabulary import Observation, Report, Result
from localdb.sources.profiles import SourceProfile
from tests.unit.sources.hl7v2_help import PID, message, one, told, unit

PV1 = "PV1|1|I|ASH^3^B||||||||||||||||V77"
OBR = (
    "OBR|1|P1^EPR|F1^LAB|UE^Urea and electrolytes^L|||20261120013000|||||||20261120014000|Blood^Arm"
    "|||||||20261120020000||LAB|F"
)


def results(*segments: str, profile: SourceProfile | None = None, type_: str = "ORU^R01") -> list[Result]:
    return told(unit(message(type_, PID, *segments), profile), "result")


def test_a_result_with_all_that_was_said_of_it() -> None:
    found = unit(
        message(
            "ORU^R01", PID, PV1, "ORC|RE|P1^EPR|F1^LAB||CM", OBR,
            "OBX|1|NM|K^Potassium^L^2823-3^Potassium^LN||6.83|mmol/L|3.5 - 5.3|HH|||F|||20261120013500|NORTH^North lab"
            "|C7^Lee^Ann|ISE^Ion-selective electrode^L|AN1^Analyser",
            "NTE|1|L|Haemolysed", "NTE|2|L|Repeat",
        )
    )  # fmt: skip
    (record,) = told(found, "result")
    assert record.text == "Potassium"
    assert [(c.system, c.code) for c in record.codes] == [("L", "K"), ("http://loinc.org", "2823-3")]
    assert (record.value, record.unit, record.range, record.flag) == ("6.83", "mmol/L", "3.5 - 5.3", "HH")
    assert record.comments == ("Haemolysed\nRepeat",)
    assert (record.happened.text, record.received.text, record.said.text) == (
        "20261120013500", "20261120014000", "20261120020000",
    )  # fmt: skip
    assert (record.method, record.author, record.category) == ("Ion-selective electrode", "Ann Lee", "laboratory")
    assert {(r.role, r.key) for r in record.references} >= {
        ("encounter", "Encounter/V77"), ("performer", "Organization/North lab"),
    }  # fmt: skip
    (report,) = told(found, "report")
    assert isinstance(report, Report)
    assert report.results == (f"Observation/{record.source_id}",)
    assert (report.text, report.status, report.category) == ("Urea and electrolytes", "final", "LAB")


def test_the_correction_of_a_result_has_its_id_and_another_sub_id_has_not() -> None:
    (first,) = results(OBR, "OBX|1|NM|K^Potassium^L|1|6.83||||||F")
    (second,) = results(OBR, "OBX|4|NM|K^Potassium^L|1|5.97||||||C")
    (other,) = results(OBR, "OBX|1|NM|K^Potassium^L|2|5.97||||||F")
    assert first.id == second.id != other.id


def test_numbers_of_two_issuers_are_two_orders() -> None:
    (one_,) = results("OBR|1||F1^LAB|K^K^L", "OBX|1|NM|K^K^L||4||||||F")
    (two,) = results("OBR|1||F1^POCT|K^K^L", "OBX|1|NM|K^K^L||4||||||F")
    assert one_.id != two.id


def test_lines_of_a_text_are_one_value_in_their_order() -> None:
    rows = [f"OBX|{n}|TX|MIC^Microscopy^L|1|{line}||||||F" for n, line in enumerate(("Pus cells ++", "No growth"), 1)]
    (report,) = told(unit(message("ORU^R01", PID, OBR, *rows)), "report")
    assert report.body == "Pus cells ++\nNo growth"
    mixed = results(OBR, "OBX|1|NM|K^Potassium^L||4.1||||||F", *rows)
    assert [r.value for r in mixed] == ["4.1", "Pus cells ++\nNo growth"]


def test_two_numbers_under_one_code_stay_two() -> None:
    found = results(OBR, "OBX|1|NM|K^Potassium^L||4.1||||||F", "OBX|2|NM|K^Potassium^L||4.4||||||F")
    assert [r.value for r in found] == ["4.1", "4.4"]
    assert len({r.id for r in found}) == 2


def test_comments_of_the_order_stand_with_the_report_and_beside_its_only_result() -> None:
    found = unit(message("ORU^R01", PID, OBR, "NTE|1||Delayed in transit", "OBX|1|NM|K^Potassium^L||4.1||||||F"))
    (report,), (record,) = told(found, "report"), told(found, "result")
    assert record.comments == ("Delayed in transit",)
    assert "Delayed in transit" in report.comments


def test_the_specimen_and_its_times_from_spm() -> None:
    spm = "SPM|1|S1||BLD^Blood^L||||ARM^Right arm^L|||||||||20261120011500|20261120014500"
    (record,) = results("OBR|1||F1|K^K^L", "OBX|1|NM|K^K^L||4||||||F", spm)
    assert record.specimen == "Blood, Right arm"
    assert (record.happened.text, record.received.text) == ("20261120011500", "20261120014500")  # type: ignore[union-attr]


def test_a_specimen_before_its_orders_belongs_to_them() -> None:
    """OUL^R22: {SPM {OBX} {OBR ORC {OBX}}}."""
    found = results(
        "SPM|1|S1||BLD^Blood^L", "OBR|1||F1|K^K^L", "ORC|SC|P1|F1||CM", "OBX|1|NM|K^K^L||4||||||F",
        "SPM|2|S2||UR^Urine^L", "OBR|2||F2|NA^Na^L", "ORC|SC|P2|F2||CM", "OBX|1|NM|NA^Na^L||40||||||F",
        type_="OUL^R22",
    )  # fmt: skip
    assert [(r.value, r.specimen) for r in found] == [("4", "Blood"), ("40", "Urine")]


def test_vital_signs_are_observations_and_no_laboratory_results() -> None:
    found = unit(message("ORU^R01", PID, "OBR|1|||VITAL^Vital Signs^L", "OBX|1|NM|HR^Heart rate^MDC||96|/min|||||F"))
    assert told(found, "result") == []
    (record,) = told(found, "observation")
    assert isinstance(record, Observation)
    assert (record.value, record.category) == ("96", "vital-signs")


def test_an_imaging_report_is_text_with_its_conclusion_and_addendum() -> None:
    found = unit(
        message(
            "ORU^R01", PID, "OBR|1|P9|F9|CXR^Chest X-ray^L|||20261120013000|||||||||||||||||RAD|C|||||||R1&Roentgen&Ada",
            "OBX|1|TX|CXR&GDT^Findings^L||Clear lungs.||||||F", "OBX|2|TX|CXR&GDT^Findings^L||No effusion.||||||F",
            "OBX|3|TX|CXR&IMP^Impression^L||Normal.||||||F", "OBX|4|TX|CXR&ADT^Addendum^L||Seen with registrar.||||||F",
        )
    )  # fmt: skip
    (report,) = told(found, "report")
    assert (report.body, report.conclusion) == ("Clear lungs.\nNo effusion.", "Normal.")
    assert (report.addenda, report.status, report.category) == (("Seen with registrar.",), "corrected", "RAD")
    assert report.author == "Ada Roentgen"
    assert told(found, "result") == told(found, "observation") == []


def test_a_withdrawn_text_report_has_no_text() -> None:
    rows = [f"OBX|{n}|TX|HIST^Histology^L|1|Adenocarcinoma {n}||||||W" for n in (1, 2)]
    found = unit(message("ORU^R01", PID, OBR[:-1] + "C", *rows, "NTE|1||wrong patient"))
    (report,) = told(found, "report")
    assert (report.status, report.body, report.conclusion) == ("entered-in-error", "", "")
    assert "Adenocarcinoma" not in str(found.facts)
    assert any("wrong patient" in c for c in report.comments)


def test_the_sites_blood_bank_codes_are_a_blood_group() -> None:
    profile = SourceProfile(blood_group=("ABORH",), antibodies=("ABSCR",), requirements=("IRR",))
    found = unit(
        message(
            "ORU^R01", PID, OBR, "OBX|1|ST|ABORH^Group^L||O Pos||||||F", "OBX|2|ST|ABSCR^Screen^L||Negative||||||F",
            "OBX|3|ST|IRR^Irradiated units^L||Required||||||F",
        ),
        profile,
    )  # fmt: skip
    group, screen, needs = told(found, "result")
    assert (group.codes[-1].code, screen.codes[-1].code) == ("882-1", "890-4")
    assert needs.codes[-1].code == "IRR"
    (alert,) = told(found, "alert")
    assert (alert.text, alert.category, alert.status) == (
        "Irradiated units: Required", "Transfusion requirements", "active",
    )  # fmt: skip


def test_without_a_mapping_no_code_is_taken_for_a_blood_group() -> None:
    (record,) = results(OBR, "OBX|1|ST|ABORH^Group^L||O Pos||||||F")
    assert [c.code for c in record.codes] == ["ABORH"]


def test_observations_of_an_admission_are_no_results() -> None:
    found = unit(message("ADT^A01", PID, PV1, "OBX|1|NM|8302-2^Height^LN||182|cm|||||F"))
    (record,) = told(found, "observation")
    assert (record.value, record.unit) == ("182", "cm")
    assert told(found, "result") == []


def test_the_laboratorys_own_message_of_simhospital() -> None:
    """OBX|1|NM|tt-0003-01^Creatinine^WinPath||98.00|UMOLL|49 - 92|H|||F|||20200501140643||
    NTE|0||Task cow administration~Grapefruit garlic resale camera"""
    obx = "OBX|1|NM|tt-0003-01^Creatinine^WinPath||98.00|UMOLL|49 - 92|H|||F|||20200501140643||"
    data = message("ORU^R01", PID, OBR, obx, "NTE|0||Task cow administration~Grapefruit garlic resale camera")
    found = one(data, "result")
    assert (found.value, found.unit, found.range, found.flag) == ("98.00", "UMOLL", "49 - 92", "H")
    assert found.comments == ("Task cow administration\nGrapefruit garlic resale camera",)
