"""Examinations: what is one, how far it is, what stands above what, what is put beside what (CLINICAL §4.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.chart import reports
from localdb.chart.reports import Examination, examinations, kept_whole, parts
from localdb.records.vocabulary import Former, ImagingStudy, Record, Reference, Report, Request, Series
from tests.unit.desktop.patient.builders import at, chart


def base(kind: str, number: str, source: str = "ris", **more: Any) -> dict[str, Any]:
    return {"id": f"R{kind}{number}", "patient": "P0000000000001", "source": source, "source_id": number, **more}


def report(number: str = "1", when: str = "2026-11-23T19:12", **more: Any) -> Report:
    given_: dict[str, Any] = {"status": "final", "text": "CT chest", "happened": at(when), "said": at(when)}
    given_ |= {"body": "Clear."}
    return Report(**base("rep", number, more.pop("source", "ris")), **(given_ | more))


def study(number: str = "1", when: str = "2026-11-23T19:12", **more: Any) -> ImagingStudy:
    given_: dict[str, Any] = {"status": "available", "text": "CT chest", "happened": at(when), "modality": "CT"}
    return ImagingStudy(**base("study", number, more.pop("source", "ris")), **(given_ | more))


def request(number: str = "1", **more: Any) -> Request:
    given_: dict[str, Any] = {"status": "active", "intent": "order", "text": "CT chest", "category": "Imaging",
                              "asked": at("2026-11-23T10:00"), "happened": at("2026-11-23T10:00")}  # fmt: skip
    return Request(**base("req", number), **(given_ | more))


def found(*records: Record) -> tuple[Examination, ...]:
    kinds = {"reports": Report, "images": ImagingStudy, "requests": Request}
    return examinations(chart(**{n: tuple(r for r in records if isinstance(r, k)) for n, k in kinds.items()}))


ORDER = (Reference("based_on", "ServiceRequest/1"),)


# -- what is one examination


def test_a_report_is_of_the_study_that_it_names() -> None:
    (one,) = found(report(references=(Reference("imaging", "ImagingStudy/7"),)), study("7"))
    assert one.study is not None
    assert one.study.source_id == "7"


def test_one_order_makes_request_study_and_report_one_line() -> None:
    (one,) = found(report(references=ORDER), study(references=ORDER), request())
    assert None not in (one.report, one.study, one.request)


def test_an_accession_number_joins_the_systems_of_one_department_and_nothing_else_does() -> None:
    (one,) = found(report(accession="A1"), study(accession="A1", source="pacs"))
    assert one.study is not None
    assert len(found(report(accession="A1"), study(accession="A2", source="pacs"))) == 2
    assert len(found(report(), study(source="pacs"))) == 2, "never by name or day"
    assert len(found(report(accession=""), study(accession=""))) == 2, "no number is no number in common"


def test_two_studies_of_one_order_are_not_told_apart_by_us() -> None:
    assert len(found(report(references=ORDER), study("1", references=ORDER), study("2", references=ORDER))) == 3


def test_blanks_around_a_number_say_nothing_and_leading_noughts_do() -> None:
    (one,) = found(report(accession=" A1"), study(accession="A1 ", source="pacs"), request("9", numbers=("A1 ",)))
    assert None not in (one.report, one.study, one.request)
    assert len(found(report(accession="0012"), study(accession="12", source="pacs"))) == 2
    assert len(found(report(accession="  "), study(accession="  ", source="pacs"))) == 2, "blanks are no number"


def test_a_structured_report_of_the_archive_names_the_study_by_its_uid() -> None:
    """The study stands under the radiology system's id, the report comes from the archive and knows the UID alone."""
    named = (Reference("imaging", "ImagingStudy/1.2.3"),)
    (one,) = found(report(source="pacs", references=named), study("7", uid="1.2.3"))
    assert one.study is not None
    assert len(found(report(source="pacs", references=named), study("7", uid=""))) == 2
    assert len(found(report(source="pacs", references=(Reference("imaging", "ImagingStudy/-"),)), study("7"))) == 2


def test_a_report_names_a_study_by_the_id_of_the_system_that_was_joined_to_it() -> None:
    also = (Reference("also", "epr/ImagingStudy/e7"),)
    named = (Reference("imaging", "ImagingStudy/e7"),)
    assert len(found(report(source="epr", references=named), study("7", references=also))) == 1
    assert len(found(report(source="lims", references=named), study("7", references=also))) == 2, "another system's id"


def test_of_two_studies_with_one_number_each_says_that_there_is_a_report() -> None:
    both = [study(n, accession="A1", uid=f"1.2.{n}") for n in ("1", "2")]
    every = found(report(accession="A1"), *both)
    assert [e.status for e in every if e.study is not None] == [reports.SHARED] * 2
    assert [e.status for e in every if e.report is not None] == [reports.FINAL]
    early = found(report(accession="A1", status="preliminary"), *both)
    assert [e.status for e in early if e.study is not None] == [reports.PRELIMINARY] * 2
    for nothing in (
        report(accession="A1", status="registered", body=""),
        report(accession="A1", status="entered-in-error"),
    ):
        assert {e.status for e in found(nothing, *both) if e.study is not None} == {reports.NOT_REPORTED}


def test_what_a_worklist_books_is_an_examination_by_its_modality_alone() -> None:
    for modality in ("CT", "MG", "NM", "PT", "XA"):
        (one,) = found(request(category=modality, intent="instance-order", stage="SC"))
        assert (one.status, one.request is not None) == (reports.BOOKED, True)
    assert found(request(category="LAB")) == ()


def test_an_order_number_of_the_request_is_the_accession_number_of_its_report() -> None:
    (one,) = found(report(accession="A1"), request("9", numbers=("P4", "A1")))
    assert one.request is not None


# -- statuses: every row of the list in CLINICAL §4.1


@pytest.mark.parametrize(
    ("records", "status"),
    [
        ((request(),), "requested"),
        ((request(comments=("not booked",)),), "requested"),
        ((request(comments=("vetted by Dr A",)),), "vetted"),
        ((request(comments=("booked 09:30",)),), "booked"),
        ((request(stage="SC"),), "booked"),
        ((request(stage="IP"),), "in the department"),
        ((request(status="on-hold"),), "on hold"),
        ((request(status="completed"),), "performed, NOT REPORTED"),
        ((request(status="revoked"),), "cancelled"),
        ((request(status="entered-in-error"),), "WITHDRAWN"),
        ((study(),), "performed, NOT REPORTED"),
        ((study(references=ORDER), request()), "performed, NOT REPORTED"),
        ((study(status="cancelled"),), "cancelled"),
        ((report(status="registered", body=""),), "performed, NOT REPORTED"),
        ((report(status="partial"),), "PRELIMINARY"),
        ((report(status="preliminary"),), "PRELIMINARY"),
        ((report(),), "final"),
        ((report(addenda=("more",)),), "ADDENDED"),
        ((report(status="appended"),), "ADDENDED"),
        ((report(status="amended"),), "CORRECTED"),
        ((report(status="corrected"),), "CORRECTED"),
        ((report(status="cancelled"),), "cancelled"),
        ((report(status="entered-in-error"),), "WITHDRAWN"),
        ((report(status="something new"),), "something new"),
    ],
)
def test_every_status_has_its_word(records: tuple[Record, ...], status: str) -> None:
    (one,) = found(*records)
    assert one.status == status


def test_a_word_inside_a_sentence_says_nothing_of_the_stage() -> None:
    (one,) = found(request(comments=("to be booked when the lines are out", "please have it performed sitting")))
    assert one.status == "requested"


def test_what_is_booked_stands_at_its_time_above_what_was_done() -> None:
    later = request("2", text="MRI hip", comments=("booked 11:40",), wanted=at("2026-11-24T11:40"))
    assert [e.name for e in found(report(), later)] == ["MRI hip", "CT chest"]
    assert found(later)[0].moment == at("2026-11-24T11:40")


def test_only_examinations_are_listed_not_the_laboratorys_requests() -> None:
    assert found(request(category="Laboratory procedure"), request("2", category="LAB")) == ()
    assert found(request(category="")) == ()
    assert (
        len(found(request(category="363679005"), request("3", category="RAD"), request("4", category="Cardiology")))
        == 3
    )


def test_a_head_of_results_is_not_a_report_to_read_but_one_with_words_is() -> None:
    assert found(report(body="", results=("Observation/1",))) == ()
    assert len(found(report(body="", results=("Observation/1",), conclusion="Haemolysed."))) == 1
    assert len(found(report(body="", results=("Observation/1",), blob="ab"))) == 1


@pytest.mark.parametrize(
    ("category", "text", "listed"),
    [
        ("MB", "MRSA screen", False),
        ("LAB", "Blood culture", False),
        ("LAB", "Histology", True),
        ("CT", "CT for TB", True),
    ],
)
def test_microbiology_has_its_own_tab_and_nothing_else_is_lost(category: str, text: str, listed: bool) -> None:
    assert bool(found(report(category=category, text=text))) == listed


def test_restricted_examinations_are_for_clinical_roles_only() -> None:
    held = chart(reports=(report(restricted=True),))
    assert len(examinations(held, "clinician")) == 1
    assert examinations(held, "feed") == ()


# -- the row's facts


def test_the_side_stands_in_the_name_once() -> None:
    series = (Series(laterality="Left"),)
    assert found(study(text="X-ray knee", series=series))[0].name == "X-ray knee, Left"
    assert found(study(text="X-ray left knee", series=series))[0].name == "X-ray left knee"
    assert found(report(text="X-ray knee", laterality="Right"))[0].name == "X-ray knee, Right"
    for code, name in (("U", "X-ray knee"), ("R", "X-ray knee, right"), ("B", "X-ray knee, both sides")):
        assert Examination(study=study(text="X-ray knee", series=(Series(laterality=code),))).name == name


def test_modality_in_words_and_an_unknown_code_as_sent() -> None:
    assert found(study(modality="DX, CT"))[0].modality == "X-ray, CT"
    assert found(report(modality="MR"))[0].modality == "MRI"
    assert found(report(category="ZZ9"))[0].modality == "ZZ9"
    assert found(report())[0].modality == ""


def test_who_verified_is_said_of_verified_reports_only() -> None:
    assert reports.verified_by(report(author="Dr A")) == ("Dr A", at("2026-11-23T19:12"))
    assert reports.verified_by(report(author="Dr A", status="preliminary")) == ("", None)


def test_images_held_are_counted_as_the_source_counts_them() -> None:
    assert reports.held_words(study(held=42, total=412)) == "42 of 412 images held"
    assert reports.held_words(study(held=3)) == "3 images held, of how many is not known"


# -- the text


def test_a_correction_stands_above_and_the_former_text_below_word_for_word() -> None:
    former = Former(status="final", text="No fracture.", body="Wrist, two views.", said=at("2026-11-23T20:00"))
    made = parts(
        report(status="corrected", body="Wrist, two views.", conclusion="Scaphoid fracture.", replaces=(former,))
    )
    kinds = [p.kind for p in made]
    assert kinds == ["correction", "body", "conclusion", "original"]
    assert made[-1].text == "Wrist, two views.\n\nNo fracture."
    assert "replaced" in made[-1].head


def test_a_former_text_that_was_withdrawn_is_not_shown() -> None:
    former = Former(status="entered-in-error", text="Another patient's.", said=at("2026-11-23T20:00"))
    assert not any("Another" in p.text for p in parts(report(status="corrected", replaces=(former,))))


@given(st.text(min_size=1, max_size=200), st.sampled_from(["final", "preliminary", "amended", "cancelled", "x"]))
def test_the_text_of_a_report_is_never_changed(text: str, status: str) -> None:
    made = parts(report(status=status, body=text, conclusion=""))
    assert [p.text for p in made if p.kind == "body"] == [text]


@given(st.text(max_size=120))
def test_keeping_measurements_whole_changes_only_spaces(text: str) -> None:
    assert kept_whole(text).replace("\u00a0", " ") == " ".join(text.split(" ")).replace("\u00a0", " ") or (
        kept_whole(text).replace("\u00a0", "").replace(" ", "") == text.replace("\u00a0", "").replace(" ", "")
    )


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("nodule 12 x 8 x 5 mm.", "12\u00a0x\u00a08\u00a0x\u00a05\u00a0mm."), ("volume 60 mL", "60\u00a0mL"),
        ("density < 20 HU", "<\u00a020\u00a0HU"), ("over 3 to 5 days", "3\u00a0to\u00a05\u00a0days"),
    ],
)  # fmt: skip
def test_a_measurement_stays_on_one_line(text: str, whole: str) -> None:
    assert whole in kept_whole(text)


def test_words_after_a_number_are_no_unit() -> None:
    assert kept_whole("segment 3 may be smaller") == "segment 3 may be smaller"


# -- side by side


def test_the_prior_is_the_newest_earlier_one_of_the_same_name() -> None:
    current = report("3", "2026-11-23T19:00")
    prior, older = report("2", "2026-11-09T19:00"), report("1", "2020-01-01T10:00")
    other = report("4", "2026-11-20T10:00", text="Chest X-ray")
    every = found(current, prior, older, other)
    now = next(e for e in every if e.report == current)
    ranked = reports.earlier(now, every)
    assert [e.report for e in ranked] == [prior, older, other]
    assert reports.beside(now, ranked[0]) == ("CURRENT", "PRIOR, 14d earlier")
    assert reports.beside(ranked[0], now) == ("PRIOR", "CURRENT, 14d later")


@given(st.integers(0, 3 * 365 * 24 * 60))
def test_the_interval_is_named_and_earlier_is_never_called_later(minutes: int) -> None:
    start = datetime(2023, 1, 1, tzinfo=UTC)
    first, second = (report(str(n), t.strftime("%Y-%m-%dT%H:%M")) for n, t in
                     enumerate((start, start + timedelta(minutes=minutes))))  # fmt: skip
    one, two = Examination(second), Examination(first)
    heads = reports.beside(one, two)
    assert heads[0] == "CURRENT"
    assert ("earlier" in heads[1]) == (minutes > 0)
    assert "later" not in heads[1]


@pytest.mark.parametrize(
    ("earlier", "apart"),
    [("2026-11-23T13:48", "5hr 12min"), ("2026-11-09T19:00", "14d"), ("2026-05-25T17:00", "26w"),
     ("2023-01-12T09:50", "3y 10m"), ("2026-11-09", "14d")],
)  # fmt: skip
def test_the_interval_is_said_in_units_that_one_can_weigh(earlier: str, apart: str) -> None:
    pair = Examination(report("2", "2026-11-23T19:00")), Examination(report("1", earlier))
    assert reports.beside(*pair) == ("CURRENT", f"PRIOR, {apart} earlier")


def test_an_unknown_time_is_no_interval() -> None:
    assert "not known" in reports.beside(Examination(report()), Examination(report(happened=None)))[1]
