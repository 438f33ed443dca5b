"""The counts of images at the cut: "n of m held" is true whatever came from whom (hazard H19)."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from localdb.chart.held_images import is_rejection, with_images
from localdb.records.moments import read_moment
from localdb.records.vocabulary import Coding, Report, Series
from tests.unit.chart.imaging import PACS, RIS, STUDY, instance, instances, note, only, studies, told, unheld


def counts(rows: list) -> tuple[int, int | None]:  # type: ignore[type-arg]
    found = only(rows)
    return found.held, found.total


def test_nobody_said_how_many_there_are() -> None:
    found = only([instance(n) for n in (1, 2, 3)])
    assert (found.held, found.total, found.unheld) == (3, None, ())
    assert [(s.held, s.total, s.number, s.text) for s in found.series] == [(3, None, 1, "Series 1")]


def test_a_study_that_nobody_described_is_made_of_its_instances() -> None:
    found = only([instance(2), instance(1, happened=read_moment("2026-03-01T09:30:00Z"), body_site="CHEST")])
    assert (found.uid, found.modality, found.text, found.source, found.source_id) == (
        STUDY,
        "CT",
        "CT CHEST",
        PACS,
        STUDY,
    )
    assert found.happened is not None
    assert found.happened.text == "2026-03-01T09:30:00Z"


def test_missing_slices_are_counted_against_what_the_source_said() -> None:
    listing = told(source=PACS, source_id=STUDY, series=[Series(uid=f"{STUDY}.1", total=412)], total=412)
    rows = [listing, *(instance(n) for n in range(1, 43))]
    assert counts(rows) == (42, 412)
    assert only(rows).unheld == (("image.not_received", 370),)


def test_one_study_of_two_systems_is_one_and_keeps_the_radiology_systems_words() -> None:
    fhir = told(
        text="CT chest with contrast", accession="A77", status="available", modality="CT", total=3,
        series=[Series(uid=f"{STUDY}.1", modality="CT", total=3, body_site="Chest")],
    )  # fmt: skip
    dicom = told(
        source=PACS, source_id=STUDY, text="CT THORAX", modality="SR", happened=read_moment("2026-03-01T10:00:00Z")
    )
    found = only([dicom, instance(1), fhir, instance(2)])
    assert (found.id, found.text, found.accession, found.modality) == (fhir.id, "CT chest with contrast", "A77", "CT")
    assert (found.held, found.total) == (2, 3)
    assert found.happened == dicom.happened
    assert [(s.uid, s.held, s.total, s.body_site) for s in found.series] == [(f"{STUDY}.1", 2, 3, "Chest")]
    assert [(r.role, r.key) for r in found.references] == [("also", f"{PACS}/ImagingStudy/{STUDY}")]


def test_one_instance_of_two_archives_is_counted_once_and_stands_held() -> None:
    here, there = unheld(1, source="other"), instance(1)
    assert here.uid == there.uid
    assert here.id != there.id
    for rows in ([here, there], [there, here]):
        assert counts(rows) == (1, None)
        assert [i.id for i in instances(rows)] == [there.id]


def test_of_totals_that_differ_the_larger_stands_and_is_said() -> None:
    rows = [told(total=40), told(source=PACS, source_id=STUDY, total=42), instance(1)]
    found = only(rows)
    assert (found.held, found.total) == (1, 42)
    assert found.notes == ("Systems differ on how many images there are (40 or 42): the larger number stands.",)


def test_more_came_than_was_announced() -> None:
    rows = [told(total=2, series=[Series(uid=f"{STUDY}.1", total=2)]), *(instance(n) for n in (1, 2, 3))]
    assert counts(rows) == (3, 3)
    assert only(rows).series[0].total == 3


def test_a_series_that_was_not_announced_is_added() -> None:
    rows = [told(total=2, series=[Series(uid=f"{STUDY}.1", total=2)]), instance(1), instance(1, series=2, uid="9.9")]
    found = only(rows)
    assert (found.held, found.total) == (2, 3)
    assert [(s.held, s.total) for s in found.series] == [(1, 2), (1, None)]


def test_one_series_that_nobody_counted_leaves_the_study_uncounted() -> None:
    rows = [told(series=[Series(uid=f"{STUDY}.1", total=2), Series(uid=f"{STUDY}.2")]), instance(1)]
    assert counts(rows) == (1, None)


def test_what_was_not_kept_is_known_and_not_held() -> None:
    rows = [told(total=4), instance(1), unheld(2), unheld(3, "image.not_by_rule")]
    found = only(rows)
    assert (found.held, found.total) == (1, 4)
    assert found.unheld == (("image.let_go", 1), ("image.not_by_rule", 1), ("image.not_received", 1))


def test_half_of_a_multi_frame_image_is_not_held() -> None:
    whole = instance(1)
    assert counts([instance(1, frames=2)]) == (0, None)
    assert counts([instance(1, frames=2, pixels=(*whole.pixels, *whole.pixels))]) == (1, None)


def test_an_object_without_pixels_counts_as_held() -> None:
    assert counts([instance(1, modality="SR", frames=0, pixels=())]) == (1, None)


def test_a_rejection_note_takes_images_back() -> None:
    rows = [told(total=3), *(instance(n) for n in (1, 2, 3)), note(f"{STUDY}.1.2")]
    found = only(rows)
    gone = next(i for i in instances(rows) if i.uid == f"{STUDY}.1.2")
    assert (gone.pixels, gone.unheld, gone.status) == ((), "image.rejected", "rejected")
    assert found.rejected == 1
    assert found.held == 3  # two slices and the note itself
    assert found.notes == (
        "1 image was taken back by the department: not shown. The total may still count what was taken back.",
    )


def test_a_note_of_over_retention_or_a_plain_key_image_takes_nothing_back() -> None:
    for code in ("113039", "113000"):
        rows = [instance(1), note(f"{STUDY}.1.1", code=code)]
        assert only(rows).rejected == 0
        assert all(i.is_held for i in instances(rows))


def test_a_note_that_was_taken_back_takes_nothing_back() -> None:
    first = note(f"{STUDY}.1.1")
    rows = [instance(1), first, note(first.uid, uid=f"{STUDY}.9.2")]
    assert next(i for i in instances(rows) if i.uid == f"{STUDY}.1.1").is_held


def test_a_rejection_is_told_by_its_words_where_the_code_was_lost() -> None:
    held = note(f"{STUDY}.1.1", code="")
    assert not is_rejection(held)
    assert is_rejection(note(f"{STUDY}.1.1", code="113037"))
    assert not is_rejection(instance(1, codes=(Coding("DCM", "113001"),)))  # an image is no note


def test_a_series_of_which_all_was_taken_back_is_gone() -> None:
    rows = [instance(1), instance(1, series=2), note(f"{STUDY}.2.1")]
    assert [s.uid for s in only(rows).series if s.modality == "CT"] == [f"{STUDY}.1"]


def test_a_study_without_its_uid_is_that_of_the_same_accession_number() -> None:
    nameless = told(uid="", source_id="S1", accession=" A77 ", total=5)
    dicom = told(source=PACS, source_id=STUDY, accession="A77")
    found = only([nameless, dicom, instance(1)])
    assert (found.held, found.total) == (1, 5)


def test_two_studies_of_one_accession_number_stay_two() -> None:
    nameless = told(uid="", source_id="S1", accession="A77", total=5)
    rows = [
        nameless,
        *(told(f"{STUDY}{n}", source=PACS, source_id=f"{STUDY}{n}", accession="A77", total=1) for n in (1, 2)),
    ]
    assert len(studies(rows)) == 3
    other = [
        nameless,
        told(uid="", source_id="S2", accession="A77"),
        told(source=PACS, source_id=STUDY, accession="A77", total=1),
    ]
    assert len(studies(other)) == 3


def test_leading_zeros_make_another_accession_number() -> None:
    rows = [told(uid="", source_id="S1", accession="0077"), told(source=PACS, source_id=STUDY, accession="77", total=1)]
    assert len(studies(rows)) == 2


def test_what_instances_alone_told_of_goes_with_them() -> None:
    left = told(source=PACS, source_id=STUDY, modality="CT", text="CT head")
    assert studies([left]) == []
    assert len(studies([told(source=RIS, source_id="S1")])) == 1  # a radiology system's word stays
    assert len(studies([told(source=PACS, source_id=STUDY, total=3)])) == 1  # so does what a query said


def test_uids_are_compared_without_what_stands_around_them() -> None:
    fhir = told(f"urn:oid:{STUDY}", total=2)
    assert counts([fhir, instance(1, study=f"{STUDY}\0")]) == (1, 2)


def test_other_records_pass_untouched() -> None:
    report = Report(id="R1", patient="P1", source=RIS, source_id="1", text="CT")
    assert with_images([report]) == [report]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_arrives_in_whatever_order_the_numbers_add_up(data: st.DataObject) -> None:
    sent = data.draw(st.sets(st.tuples(st.integers(1, 3), st.integers(1, 9)), max_size=15))
    lost = {one for one in sorted(sent) if data.draw(st.booleans())}
    rows = [
        (unheld(n, series=s, source=source) if (s, n) in lost else instance(n, series=s, source=source))
        for s, n in sorted(sent) for source in data.draw(st.sampled_from(((PACS,), ("other",), (PACS, "other"))))
    ]  # fmt: skip
    announced = data.draw(st.none() | st.integers(0, 40))
    if announced is not None:
        rows.append(told(total=announced))  # type: ignore[arg-type]
    shuffled = list(rows)
    random.Random(data.draw(st.integers(0, 99))).shuffle(shuffled)
    found = studies(shuffled)
    assert [(s.held, s.total, s.unheld) for s in found] == [(s.held, s.total, s.unheld) for s in studies(rows)]
    for study in found:
        assert study.held == len(sent - lost) == sum(s.held for s in study.series)
        assert study.total == (None if announced is None else max(announced, len(sent)))
        assert sum(n for _, n in study.unheld) == (len(lost) if study.total is None else study.total - study.held)
