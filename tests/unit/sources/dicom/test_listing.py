"""What a query said: counts of studies, booked examinations (PS3.4 C.6 and K, PS3.18 F)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from localdb.chart.held_images import with_images
from localdb.records.folding import Telling, fold
from localdb.records.ids import patient_id
from localdb.records.moments import micros
from localdb.records.vocabulary import Appointment, ImagingStudy, Patient, Request
from localdb.sources.dicom.listing import BOOKING, STUDY, read_listing, read_worklist
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import READ, SET_ASIDE, FileReading, Unit

AT = datetime(2026, 11, 27, 8, tzinfo=UTC)
UID = "1.2.840.99.1"
PROFILE = SourceProfile()


def answer(**fields: Any) -> Dataset:
    made = Dataset()
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def study(**more: Any) -> Dataset:
    return answer(**{
        "PatientID": "4711", "IssuerOfPatientID": "NORTH", "PatientName": "Testperson^Anna", "PatientBirthDate": "19500102",
        "PatientSex": "F", "StudyInstanceUID": UID, "StudyDate": "20261126", "StudyTime": "101500",
        "AccessionNumber": "A77", "StudyDescription": "CT Thorax", "ModalitiesInStudy": ["CT", "SR"],
        "NumberOfStudyRelatedInstances": 412, **more,
    })  # fmt: skip


def series(n: int, count: int | None = 100, **more: Any) -> Dataset:
    made = answer(
        SeriesInstanceUID=f"{UID}.{n}", SeriesNumber=n, Modality="CT", SeriesDescription=f"Series {n}", **more
    )
    if count is not None:
        made.NumberOfSeriesRelatedInstances = count
    return made


def step(**more: Any) -> Dataset:
    return answer(**{
        "Modality": "CT", "ScheduledStationName": "CT 2", "ScheduledProcedureStepLocation": "Level 1",
        "ScheduledProcedureStepStartDate": "20261128", "ScheduledProcedureStepStartTime": "0930",
        "ScheduledProcedureStepDescription": "CT head", "ScheduledProcedureStepID": "S1", **more,
    })  # fmt: skip


def booked(*steps: Dataset, **more: Any) -> Dataset:
    return answer(**{
        "PatientID": "4711", "IssuerOfPatientID": "NORTH", "PatientName": "Testperson^Anna", "AccessionNumber": "A78",
        "RequestedProcedureID": "RP1", "RequestedProcedureDescription": "CT head without contrast",
        "RequestedProcedurePriority": "STAT", "RequestingPhysician": "Doctor^Ward",
        "ReasonForTheRequestedProcedure": "Fall, anticoagulated", "PlacerOrderNumberImagingServiceRequest": "O9",
        "ScheduledProcedureStepSequence": list(steps) or [step()], **more,
    })  # fmt: skip


def listed(*found: tuple[Any, Sequence[Any]], at: datetime = AT) -> FileReading:
    return read_listing("pacs", found, "pacs", PROFILE, at)


def only(reading: FileReading) -> Unit:
    (unit,) = reading.units
    return unit


def records(unit: Unit) -> dict[str, Any]:
    return {f.kind: fold([Telling(f.body, f.order)], f.patient) for f in unit.facts}


def test_a_listed_study_says_how_many_there_are() -> None:
    unit = only(listed((study(), [series(1), series(2, 312, BodyPartExamined="CHEST")])))
    found = records(unit)
    image = found["image"]
    assert isinstance(image, ImagingStudy)
    assert (unit.type, unit.verdict, unit.source_id) == (STUDY, READ, UID)
    assert (image.uid, image.total, image.accession, image.text, image.modality) == (UID, 412, "A77", "CT Thorax", "CT")
    assert [(s.uid, s.number, s.total, s.text, s.body_site) for s in image.series] == [
        (f"{UID}.1", 1, 100, "Series 1", ""), (f"{UID}.2", 2, 312, "Series 2", "CHEST"),
    ]  # fmt: skip
    assert image.happened is not None
    assert image.happened.utc == micros(datetime(2026, 11, 26, 10, 15, tzinfo=UTC))
    assert image.patient == patient_id("pacs", "NORTH", "4711")
    person = found["patient"]
    assert isinstance(person, Patient)
    assert (person.names[0].family, person.born and person.born.text) == ("Testperson", "1950-01-02")
    assert all(f.partial for f in unit.facts)


def test_an_archive_says_of_a_person_less_than_an_admission() -> None:
    orders = {f.kind: f.order for f in only(listed((study(), []))).facts}
    assert orders["patient"] < 0 < orders["image"]


def test_what_was_not_counted_is_not_known() -> None:
    ds = study()
    del ds.NumberOfStudyRelatedInstances
    image = records(only(listed((ds, [series(1), series(2, None)]))))["image"]
    assert (image.total, [s.total for s in image.series]) == (None, [100, None])
    (made,) = (r for r in with_images([image]) if isinstance(r, ImagingStudy))
    assert made.total is None


def test_series_that_were_not_asked_for_leave_those_known_standing() -> None:
    assert b"series" not in next(f.body for f in only(listed((study(), []))).facts if f.kind == "image")


@pytest.mark.parametrize("count", [-1, 2**31, "many", ""])
def test_a_count_that_is_none_is_not_known(count: Any) -> None:
    ds = {**study().to_json_dict(), "00201208": {"vr": "IS", "Value": [count]}}
    assert records(only(listed((ds, []))))["image"].total is None


def test_dicom_json_says_the_same_as_a_data_set() -> None:
    one = listed((study(), [series(1)]))
    two = listed((study().to_json_dict(), [series(1).to_json_dict()]))
    assert [f.body for f in only(one).facts] == [f.body for f in only(two).facts]
    assert only(one).digest == only(two).digest


def test_the_same_answer_tomorrow_is_the_same_and_its_own_words_are_kept() -> None:
    one, two = listed((study(), [series(1)])), listed((study(), [series(1)]), at=AT + timedelta(days=1))
    assert only(one).digest == only(two).digest
    assert only(one).facts[1].order < only(two).facts[1].order
    assert only(one).raw is not None
    offset, size = only(one).raw or (0, 0)
    raw = zstandard.decompress(one.kept)[offset : offset + size]
    study_words, series_words = (msgspec.json.decode(line) for line in raw.split(b"\n"))
    assert study_words["0020000D"]["Value"] == [UID]
    assert series_words["00201209"]["Value"] == [100]


def test_an_archive_that_must_fetch_from_tape_says_so() -> None:
    image = records(only(listed((study(InstanceAvailability="NEARLINE"), []))))["image"]
    assert image.comments == ("The archive has it NEARLINE, not at once at hand.",)
    assert records(only(listed((study(InstanceAvailability="ONLINE"), []))))["image"].comments == ()


@pytest.mark.parametrize(
    ("lost", "code"), [("PatientID", "dicom.no_patient"), ("StudyInstanceUID", "dicom.no_uid")]
)  # fmt: skip
def test_an_answer_that_names_nobody_is_set_aside_and_the_others_are_taken(lost: str, code: str) -> None:
    bad = study()
    delattr(bad, lost)
    made = listed((bad, []), (study(), []))
    assert [(u.verdict, u.code) for u in made.units] == [(SET_ASIDE, code), (READ, "")]
    assert [u.index for u in made.units] == [0, 1]
    assert made.units[0].raw != made.units[1].raw


def test_a_booked_examination_is_a_request_and_an_appointment() -> None:
    unit = only(read_worklist("wl", [booked()], "ris", PROFILE, AT))
    found = records(unit)
    request, appointment = found["request"], found["appointment"]
    assert isinstance(request, Request)
    assert isinstance(appointment, Appointment)
    assert (unit.type, unit.source_id) == (BOOKING, "A78|RP1|S1")
    assert (request.status, request.stage, request.text, request.priority) == (
        "active", "SC", "CT head without contrast", "stat",
    )  # fmt: skip
    assert (request.numbers, request.author, request.reason) == (
        ("A78", "O9", "RP1"), "Ward Doctor", "Fall, anticoagulated",
    )  # fmt: skip
    assert request.wanted == appointment.happened
    assert appointment.happened is not None
    assert appointment.happened.utc == micros(datetime(2026, 11, 28, 9, 30, tzinfo=UTC))
    assert (appointment.status, appointment.place) == ("booked", "Level 1, CT 2")
    assert [(r.role, r.key) for r in appointment.references] == [("based_on", f"ServiceRequest/{request.source_id}")]


@pytest.mark.parametrize(
    ("said", "request_status", "stage", "booking"),
    [
        ("", "active", "SC", "booked"), ("SCHEDULED", "active", "SC", "booked"), ("ARRIVED", "active", "IP", "arrived"),
        ("STARTED", "active", "IP", "arrived"), ("DISCONTINUED", "revoked", "CA", "cancelled"),
        ("SOMETHING NEW", "active", "SC", "booked"),
    ],
)  # fmt: skip
def test_the_state_of_a_booked_step(said: str, request_status: str, stage: str, booking: str) -> None:
    ds = booked(step(ScheduledProcedureStepStatus=said) if said else step())
    found = records(only(read_worklist("wl", [ds], "ris", PROFILE, AT)))
    assert (found["request"].status, found["request"].stage, found["appointment"].status) == (
        request_status, stage, booking,
    )  # fmt: skip


def test_two_steps_of_one_procedure_are_one_request_and_two_appointments() -> None:
    ds = booked(step(), step(ScheduledProcedureStepID="S2", ScheduledStationName="CT 3"))
    made = read_worklist("wl", [ds], "ris", PROFILE, AT)
    assert len(made.units) == 2
    assert len({f.id for u in made.units for f in u.facts if f.kind == "request"}) == 1
    assert len({f.id for u in made.units for f in u.facts if f.kind == "appointment"}) == 2


def test_a_step_without_any_number_is_set_aside() -> None:
    ds = booked(step(ScheduledProcedureStepID=""), AccessionNumber="", RequestedProcedureID="",
                PlacerOrderNumberImagingServiceRequest="")  # fmt: skip
    assert only(read_worklist("wl", [ds], "ris", PROFILE, AT)).code == "dicom.no_number"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=12) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8,
)  # fmt: skip
_TAGS = st.sampled_from(
    [
        "0020000D",
        "00100020",
        "00100010",
        "00100030",
        "00201208",
        "00080020",
        "00080061",
        "00400100",
        "00080050",
        "00081032",
    ]
)


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(_TAGS, st.fixed_dictionaries({"vr": st.sampled_from(["UI", "LO", "PN", "DA", "IS", "SQ", "CS", "zz"])},
                                                 optional={"Value": _JSON, "InlineBinary": st.text(max_size=8)}) | _JSON)
)  # fmt: skip
def test_whatever_an_archive_answers_gets_an_outcome(found: dict[str, Any]) -> None:
    whole = {**study().to_json_dict(), **found}
    for made in (listed((whole, [whole])), read_worklist("wl", [whole], "ris", PROFILE, AT)):
        assert made.units
        assert all(u.verdict == READ or (u.verdict == SET_ASIDE and u.code) for u in made.units)
