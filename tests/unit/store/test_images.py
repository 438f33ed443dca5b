"""Images in the intake: facts of a thousand slices, one study; what is let go leaves the disk only after a cut says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from localdb.chart.windows import Windows
from localdb.house import House
from localdb.journal.opening import open_journal
from localdb.records.moments import from_instant
from localdb.records.vocabulary import ImagingStudy, Instance
from localdb.sources.dicom.rules import Imaging
from localdb.store import ageing, image_room, known_instances
from localdb.store.intake import Intake
from localdb.store.intake_schema import STEPS
from localdb.store.migrations import migrate
from localdb.store.opening import LAYER_PAGE, open_durable
from localdb.store.taking import SAME, TAKEN
from localdb.vault.unlocking import keys_from_pipe
from tests.made import NOW, new_house
from tests.unit.store.imaging import PACS, key, listing_unit, slice_unit, take

GB = 1_000_000_000


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One vault that is unlocked once; each test works on a copy of it."""
    made = new_house(tmp_path_factory.mktemp("template") / "vault")
    yield made
    made.close()


@pytest.fixture
def house(template: House, tmp_path: Path) -> Iterator[House]:
    folder = tmp_path / "vault"
    copytree(template.vault, folder)
    keys = keys_from_pipe(template.keys_for_child(), folder)
    made = House(folder, keys, open_journal(folder, keys, template.now), template.now)
    yield made
    made.close()


def chart(house: House, number: str = "4711", source: str = PACS) -> ImagingStudy | None:
    items = house.reading().chart(key(number, source)).images.items
    assert len(items) <= 1
    found = items[0] if items else None
    assert found is None or isinstance(found, ImagingStudy)
    return found


def counts(house: House, number: str = "4711") -> tuple[int, int | None]:
    found = chart(house, number)
    assert found is not None
    return found.held, found.total


def instances(house: House, uid: str = "1.2.3", number: str = "4711") -> tuple[Instance, ...]:
    return house.reading().instances(key(number), uid)


def files(house: House) -> int:
    return sum(1 for _ in (house.vault / "blobs").glob("*.blob"))


def rules(intake: Intake, **given: Any) -> None:
    image_room.keep_rules(intake.connection, Imaging(**given), NOW)
    intake.commit()


def shown_are_readable(house: House) -> bool:
    """Every pixel file that the copy names is there."""
    reading = house.reading()
    return all(reading.blob(p.blob) is not None for i in instances(house) for p in i.pixels)


def test_slices_make_one_study_and_its_fact_does_not_grow(house: House) -> None:
    with house.intake() as intake:
        assert set(take(intake, (slice_unit(n) for n in range(1, 61)))) == {TAKEN}
        intake.commit()
        facts = dict(intake.connection.execute("select kind, count(*) from fact group by kind").fetchall())
        house.cut_of(intake)
    assert facts == {"patient": 1, "image": 1, "instance": 60}
    assert counts(house) == (60, None)
    assert len(instances(house)) == 60
    assert shown_are_readable(house)


def test_the_same_files_again_change_nothing(house: House) -> None:
    with house.intake() as intake:
        take(intake, (slice_unit(n) for n in range(1, 4)))
        intake.commit()
        before = intake.sequence
        assert set(take(intake, (slice_unit(n) for n in range(1, 4)))) == {SAME}
        assert not intake.has_changed_since(before)


def test_what_a_query_said_stands_whatever_came_first(house: House) -> None:
    with house.intake() as intake:
        take(intake, [slice_unit(1), listing_unit("1.2.3", "4711", {"1.2.3.1": 412}), slice_unit(2)])
        intake.commit()
        house.cut_of(intake)
    assert counts(house) == (2, 412)


def test_the_last_answer_about_a_study_stands_also_when_it_says_what_an_earlier_one_said(house: House) -> None:
    """40, then 42, then 40 again: two images were taken back in the archive."""
    totals = []
    with house.intake() as intake:
        take(intake, [slice_unit(1)])
        for hour, count in ((9, 40), (10, 42), (11, 40)):
            take(intake, [listing_unit("1.2.3", "4711", {"1.2.3.1": count}, f"2026-03-01T{hour:02d}:00:00Z")])
            intake.commit()
            house.cut_of(intake)
            totals.append(counts(house))
        facts = intake.connection.execute("select count(*) from fact where kind='image'").fetchone()[0]
        assert take(intake, [listing_unit("1.2.3", "4711", {"1.2.3.1": 40}, "2026-03-01T12:00:00Z")]) == [SAME]
    assert totals == [(1, 40), (1, 42), (1, 40)]
    assert facts <= 2, "former answers do not pile up"


def test_opening_a_chart_reads_no_instance(house: House) -> None:
    with house.intake() as intake:
        take(intake, (slice_unit(n) for n in range(1, 4)))
        intake.commit()
        house.cut_of(intake)
    read = house.reading().snapshot.read(key("4711"))
    assert read is not None
    assert {type(r).__name__ for r in read[1]} == {"ImagingStudy"}


def test_one_pixel_file_of_two_slices_is_held_once_and_stays_while_one_is_shown(house: House) -> None:
    old = from_instant(datetime(2020, 1, 1, tzinfo=UTC))
    with house.intake() as intake:
        take(
            intake, [slice_unit(1, data=b"black" * 300, happened=old), slice_unit(2, uid="1.2.4", data=b"black" * 300)]
        )
        rules(intake, keep="rules", days={"CT": 400}, priors=0)
        assert intake.make_room().instances == 1
        intake.commit()
        house.cut_of(intake)
        intake.sweep_let_go(intake.sequence)
        intake.commit()
        assert files(house) == 1
        assert [i.is_held for i in instances(house)] == [False]
        assert [i.is_held for i in instances(house, "1.2.4")] == [True]
        # It comes again: its file is here all the time, for the other one.
        assert take(intake, [slice_unit(1, data=b"black" * 300, happened=old)]) == [TAKEN]
        intake.commit()
        house.cut_of(intake)
    assert [i.is_held for i in instances(house)] == [True]


def test_the_budget_lets_the_oldest_go_and_says_so(house: House) -> None:
    young, old = from_instant(datetime(2026, 3, 1, tzinfo=UTC)), from_instant(datetime(2020, 3, 1, tzinfo=UTC))
    with house.intake() as intake:
        take(intake, [slice_unit(n, size=10_000, happened=young) for n in range(1, 6)])
        take(intake, [slice_unit(n, "4712", uid="1.2.4", size=10_000, happened=old) for n in range(1, 6)])
        rules(intake, budget_gb=75_000 / GB)
        freed = intake.make_room()
        intake.commit()
        assert 2 <= freed.instances <= 4
        assert freed.patients == {key("4712")}
        assert image_room.used(intake.connection) <= 75_000
        house.cut_of(intake)
    found = chart(house, "4712")
    assert found is not None
    assert (found.held, found.unheld) == (5 - freed.instances, (("image.let_go", freed.instances),))
    assert counts(house) == (5, None)


def test_pixels_leave_the_disk_only_when_the_copy_says_that_they_are_gone(house: House) -> None:
    with house.intake() as intake:
        take(intake, [slice_unit(n, size=10_000) for n in range(1, 6)])
        intake.commit()
        first = intake.sequence
        house.cut_of(intake)
        rules(intake, budget_gb=15_000 / GB)
        assert intake.make_room().instances >= 3
        intake.commit()
        assert intake.sweep_let_go(first) == 0, "the newest list still shows them"
        intake.commit()
        assert files(house) == 5
        assert shown_are_readable(house)
        done = house.cut_of(intake)
        newest = house.generations.read(done.generation)
        assert intake.sweep_let_go(newest.sequence) >= 3
        intake.commit()
        assert files(house) == sum(i.is_held for i in instances(house))
        assert shown_are_readable(house)


def test_a_crash_between_the_two_steps_repeats_the_second(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with house.intake() as intake:
        take(intake, [slice_unit(n, size=10_000) for n in range(1, 4)])
        rules(intake, budget_gb=1_000 / GB)
        intake.make_room()
        intake.commit()
        step = house.generations.read(house.cut_of(intake).generation).sequence
        removed = []
        whole = intake.blobs.remove  # type: ignore[union-attr]

        def dies(digest: str) -> None:
            if removed:
                raise OSError("power")
            removed.append(digest)
            whole(digest)

        monkeypatch.setattr(intake.blobs, "remove", dies)
        with pytest.raises(OSError):
            intake.sweep_let_go(step)
        intake.rollback()
        monkeypatch.undo()
    with house.intake() as intake:
        assert intake.sweep_let_go(step) == 3
        intake.commit()
    assert files(house) == 0
    assert counts(house)[0] == 0


def test_what_was_let_go_is_held_again_when_it_comes_again(house: House) -> None:
    with house.intake() as intake:
        take(intake, [slice_unit(n, size=10_000) for n in range(1, 4)])
        rules(intake, budget_gb=1_000 / GB)
        intake.make_room()
        intake.commit()
        intake.sweep_let_go(house.generations.read(house.cut_of(intake).generation).sequence)
        rules(intake)
        assert take(intake, [slice_unit(2, size=10_000)]) == [TAKEN]
        intake.commit()
        house.cut_of(intake)
        assert take(intake, [slice_unit(2, size=10_000)]) == [SAME]
    assert counts(house) == (1, None)
    assert shown_are_readable(house)


def test_an_archive_is_asked_again_for_what_was_let_go_only_when_the_rules_changed(house: House) -> None:
    uids = [f"1.2.3.1.{n}" for n in (1, 2, 3)]
    later = NOW + timedelta(hours=1)
    with house.intake() as intake:
        take(intake, [slice_unit(n, size=10_000) for n in (1, 2, 3)])
        rules(intake, budget_gb=15_000 / GB)
        assert intake.make_room().instances == 2
        intake.commit()
        assert known_instances.here(intake.connection, PACS, uids) == set(uids)
        image_room.keep_rules(intake.connection, Imaging(budget_gb=15_000 / GB), later)  # nothing new
        assert known_instances.here(intake.connection, PACS, uids) == set(uids)
        image_room.keep_rules(intake.connection, Imaging(), later)
        lacking = set(uids) - known_instances.here(intake.connection, PACS, uids)
        assert len(lacking) == 2
        take(intake, [slice_unit(int(uid[-1]), size=10_000) for uid in lacking])
        assert known_instances.here(intake.connection, PACS, uids) == set(uids)
        intake.commit()


def test_pixels_that_a_rule_kept_out_come_in_when_the_rule_is_gone(house: House) -> None:
    with house.intake() as intake:
        take(intake, [slice_unit(1, held=False, unheld="image.not_by_rule")])
        intake.commit()
        house.cut_of(intake)
        before = chart(house)
        take(intake, [slice_unit(1)])
        intake.commit()
        house.cut_of(intake)
    assert before is not None
    assert (before.held, before.unheld) == (0, (("image.not_by_rule", 1),))
    assert counts(house) == (1, None)


def test_pixels_that_were_replaced_leave_too(house: House) -> None:
    with house.intake() as intake:
        take(intake, [slice_unit(1), slice_unit(1, data=b"windowed anew" * 90)])
        rules(intake, keep="rules", days={"CT": 36_500})
        assert intake.make_room().instances == 0
        intake.commit()
        intake.sweep_let_go(house.generations.read(house.cut_of(intake).generation).sequence)
        intake.commit()
    assert files(house) == 1
    assert counts(house) == (1, None)
    assert shown_are_readable(house)


def test_a_fill_larger_than_the_budget_never_needs_more_room_than_that(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localdb.store.intake.HEAVY", 20_000)
    with house.intake() as intake:
        rules(intake, budget_gb=50_000 / GB)
        most = 0
        for n in range(1, 41):
            take(intake, [slice_unit(n, size=10_000)])
            most = max(most, files(house))
        assert most <= 8
        intake.make_room()
        intake.commit()
        house.cut_of(intake)
        intake.sweep_let_go(intake.sequence)
        intake.commit()
    found = chart(house)
    assert found is not None
    assert found.held + sum(n for _, n in found.unheld) == 40
    assert 0 < found.held <= 5
    assert shown_are_readable(house)


def test_slices_of_another_patient_id_of_one_person_are_counted_together(house: House) -> None:
    with house.intake() as intake:
        take(intake, [slice_unit(1), slice_unit(2, "4712"), slice_unit(1, "4712")])
        intake.commit()
        intake.join(key("4711"), key("4712"), by="anna")
        intake.commit()
        house.cut_of(intake)
    assert counts(house) == (2, None)


def test_windows_leave_the_instances_of_an_examination_out_with_it(house: House) -> None:
    old, young = (from_instant(NOW - timedelta(days=d)) for d in (40, 4))
    with house.intake() as intake:
        take(intake, [slice_unit(1, happened=old), slice_unit(1, uid="1.2.4", happened=young)])
        ageing.keep_windows(intake.connection, Windows(images_days=30))
        intake.commit()
        house.cut_of(intake)
    listing = house.reading().chart(key("4711")).images
    assert [s.uid for s in listing.items if isinstance(s, ImagingStudy)] == ["1.2.4"]
    assert listing.window
    assert instances(house, "1.2.3") == ()
    assert len(instances(house, "1.2.4")) == 1


def test_an_intake_of_the_version_before_gets_the_new_columns(tmp_path: Path) -> None:
    key_ = bytes(range(32))
    old = open_durable(tmp_path / "i.db", key_, create=True, page=LAYER_PAGE, cache_kib=2048)
    migrate(old, STEPS[:3])
    old.execute("insert into blob values('ab','application/pdf',5,'u')")
    old.close()
    intake = Intake(tmp_path / "i.db", key_, lambda: NOW)
    assert intake.connection.execute("select sha256, size, came, gone from blob").fetchall() == [("ab", 5, None, None)]
    assert image_room.used(intake.connection) == 0
    assert intake.sweep_let_go(0) == 0
    intake.close()


def test_images_that_the_archive_gives_to_another_patient_leave_the_first(house: House) -> None:
    """The same SOP Instance UIDs come again under the right Patient ID: nothing stays under the wrong name."""
    with house.intake() as intake:
        take(intake, [listing_unit("1.2.3", "4711", {"1.2.3.1": 3})])
        take(intake, [slice_unit(n) for n in (1, 2, 3)])
        intake.commit()
        house.cut_of(intake)
        wrong = counts(house)
        take(intake, [slice_unit(n, "4712") for n in (1, 2, 3)])
        take(intake, [listing_unit("1.2.3", "4712", {"1.2.3.1": 3}, "2026-03-02T09:00:00Z")])
        intake.commit()
        house.cut_of(intake)
    assert wrong == (3, 3)
    assert chart(house) is None
    assert instances(house) == ()
    assert counts(house, "4712") == (3, 3)
    assert len(instances(house, number="4712")) == 3


def test_half_a_correction_leaves_each_image_with_whom_it_was_told_of_last(house: House) -> None:
    with house.intake() as intake:
        take(intake, [slice_unit(n) for n in (1, 2, 3)])
        take(intake, [slice_unit(n, "4712") for n in (2, 3)])
        intake.commit()
        house.cut_of(intake)
    assert [i.number for i in instances(house)] == [1]
    assert counts(house) == (1, None)
    assert sorted(i.number or 0 for i in instances(house, number="4712")) == [2, 3]
    assert counts(house, "4712") == (2, None)
