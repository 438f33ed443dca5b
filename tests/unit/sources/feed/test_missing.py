"""What an archive says and what of it is worth asking for: pure decisions over made answers."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pynetdicom.dsutils import decode, encode

from localdb.chart.views import PatientView
from localdb.records.vocabulary import Identifier
from localdb.sources.feed.missing import Memory, digest_of, is_uid, newest_first, patient_ids, since, studies_of, within

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)


def answer(
    patient: str, uid: str = "1.2.3", total: str = "4", day: str = "20261120", modality: object = "CT"
) -> Dataset:
    made = Dataset()
    made.PatientID, made.StudyInstanceUID, made.StudyDate = patient, uid, day
    made.NumberOfStudyRelatedInstances, made.ModalitiesInStudy = total, modality
    return made


def test_an_answer_counts_only_for_whom_was_asked() -> None:
    """An archive that pays no heed to PatientID answers with everybody (hazard H01)."""
    answers = [answer("12"), answer("123", "1.2.4"), answer("", "1.2.5"), answer("12 ", "1.2.6"), answer("12", "")]
    studies, strangers = studies_of(answers, "12", ())
    assert [s.uid for s in studies] == ["1.2.3", "1.2.6"]
    assert strangers == 3


def test_an_accession_number_counts_only_as_it_was_asked() -> None:
    one, other, nobodys = answer("12", "1.1"), answer("13", "1.2"), answer("", "1.3")
    one.AccessionNumber, other.AccessionNumber, nobodys.AccessionNumber = "A1", "A11", "A1"
    studies, strangers = studies_of([one, other, nobodys], "A1", (), "AccessionNumber")
    assert ([s.uid for s in studies], strangers) == (["1.1"], 2)


def test_modalities_narrow_and_what_says_none_is_asked_for() -> None:
    answers = [
        answer("12", "1.1", modality="MR"), answer("12", "1.2", modality=["CT", "SR"]), answer("12", "1.3", modality=""),
    ]  # fmt: skip
    assert [s.uid for s in studies_of(answers, "12", ("CT",))[0]] == ["1.2", "1.3"]
    assert len(studies_of(answers, "12", ())[0]) == 3


@pytest.mark.parametrize(("sent", "total"), [("4", 4), ("", None), ("0", 0)])
def test_a_total_is_what_was_said(sent: str, total: int | None) -> None:
    (study,), _ = studies_of([answer("12", total=sent)], "12", ())
    assert study.total == total


def test_the_newest_come_first_and_each_once() -> None:
    answers = [
        answer("12", "1.1", day="20200101"),
        answer("12", "1.2", day=""),
        answer("12", "1.3"),
        answer("12", "1.3"),
    ]
    studies, _ = studies_of(answers, "12", ())
    assert [s.uid for s in newest_first(studies)] == ["1.3", "1.1", "1.2"]


def test_who_is_asked_for_by_which_number() -> None:
    view = PatientView(
        id="P1", mrn="H7",
        identifiers=(Identifier("urn:h", "H7", "MR"), Identifier("urn:other", "X9", "PI"), Identifier("nhs", "999", "NH"),
                     Identifier("urn:h", "H*", "MR"), Identifier("urn:h", "A\\B", "MR"), Identifier("urn:h", "  ", "MR")),
    )  # fmt: skip
    assert patient_ids(view, ()) == ("H7", "X9"), (
        "hospital numbers, and nothing that a matching rule takes for a pattern"
    )
    assert patient_ids(view, ("NH",)) == ("999",)
    assert patient_ids(view, ("URN:OTHER",)) == ("X9",)


@given(st.lists(st.text(max_size=20), max_size=4))
@settings(max_examples=20, deadline=None)
def test_no_number_is_a_pattern(values: list[str]) -> None:
    view = PatientView(id="P1", identifiers=tuple(Identifier("s", v, "MR") for v in values))
    for number in patient_ids(view, ()):
        assert number == number.strip() != ""
        assert not set(number) & set("*?\\")


def test_how_far_back() -> None:
    assert since(NOW, 0) == NOW.date() - timedelta(days=730)
    assert since(NOW, 90) == NOW.date() - timedelta(days=90)


def test_a_study_that_is_whole_is_not_asked_for_until_it_grows() -> None:
    memory = Memory()
    (four,), _ = studies_of([answer("12", total="4")], "12", ())
    (five,), _ = studies_of([answer("12", total="5")], "12", ())
    (unsaid,), _ = studies_of([answer("12", total="")], "12", ())
    assert not memory.is_whole(four)
    memory.is_whole_now(four)
    assert memory.is_whole(four)
    assert not memory.is_whole(five)
    memory.is_whole_now(unsaid)
    assert not memory.is_whole(unsaid), "without a total nobody knows"


def test_what_does_not_come_is_asked_for_ever_more_seldom_and_never_given_up() -> None:
    memory, at, tries = Memory(), NOW, []
    for _ in range(5000):
        if memory.due(["1.2"], at):
            tries.append(at)
            memory.failed(["1.2"], at)
        at += timedelta(minutes=5)
    gaps = [b - a for a, b in pairwise(tries)]
    assert gaps == sorted(gaps)
    assert gaps[0] == timedelta(minutes=5)
    assert gaps[-1] == timedelta(days=1), "at least once a day"
    memory.came(["1.2"])
    assert memory.due(["1.2"], at) == ["1.2"]


HOSTILE = {
    "NumberOfStudyRelatedInstances": b"abc", "StudyDate": b"yesterday", "ModalitiesInStudy": b"\\\\CT\\\xff",
    "PatientName": b"\x1b$B\xff\xfe^", "SpecificCharacterSet": b"ISO 2022 IR 999", "StudyTime": b"99:99",
    "StudyID": b"\0" * 9,
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Unknown encoding")
@pytest.mark.parametrize("keyword", HOSTILE)
def test_an_element_that_cannot_be_read_takes_only_itself(keyword: str) -> None:
    whole = encode(answer("12"), True, True)
    value = HOSTILE[keyword] + b" " * (len(HOSTILE[keyword]) % 2)
    odd = struct.pack("<HHL", *divmod(int(tag_for_keyword(keyword)), 0x10000), len(value)) + value
    (study,), strangers = studies_of([decode(BytesIO(odd + whole), True, True)], "12", ())
    assert (study.uid, strangers) == ("1.2.3", 0)
    digest_of([study.answer])


def test_what_says_the_same_has_one_digest() -> None:
    one, same, other = answer("12"), answer("12"), answer("12", total="5")
    assert digest_of([one]) == digest_of([same]) != digest_of([other])
    assert digest_of([one, other]) != digest_of([other, one])


def test_a_run_has_room_for_so_many() -> None:
    assert within(["1", "2", "3"], 2) == ["1", "2"]
    assert within(["1"], 0) == within(["1"], -3) == []


@pytest.mark.parametrize(
    ("value", "is_one"),
    [("1.2.840.10008", True), ("1", True), ("", False), ("1..2", False), ("1.2/../3", False), ("1." * 40 + "1", False)],
)
def test_a_uid_is_one(value: str, is_one: bool) -> None:
    """What goes into a path of DICOMweb is a UID and nothing else."""
    assert is_uid(value) == is_one
