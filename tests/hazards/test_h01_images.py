"""H01 for images: pictures under the banner of somebody else because they came under a wrong number (CLINICAL §7.4).

Controls: images are moved by two people, the second of whom proves to be there by their own secret; each picture stands
in one chart alone, that of whose it is by the moves that stand; where two moves, or a move and a source, disagree, in none
of theirs until a person decides. Each check fails when its control is taken away.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from localdb import house as house_module
from localdb.chart import moved
from localdb.chart.moved import Origin, Surroundings, standing
from localdb.chart.views import Entry, Identity, PatientView
from localdb.errors import WardlampError
from localdb.house import House
from localdb.journal import entries, moving
from localdb.records.moments import read_moment
from localdb.records.vocabulary import ImagingStudy, Series
from localdb.vault.unlocking import StaffName
from tests.made import SECRET, nhs_number, person, stay, ward
from tests.unit.reading.test_moved_images import AT, SECOND, STUDY, THEIRS, laid, opened, study

PEOPLE = {name: PatientView(id=f"P{name * 13}", ids=(f"P{name * 13}",), mrn=f"H{name}") for name in "ABC"}
SERIES = ("1.2.1", "1.2.2", "1.2.3")
HELD = ImagingStudy(id="R1", patient=PEOPLE["A"].id, source="pacs", source_id="1.2", uid="1.2", text="CT head", held=3,
                    series=tuple(Series(uid=uid, total=1) for uid in SERIES))  # fmt: skip


def entry(number: int, to: str, series: tuple[str, ...] = (), **more: Any) -> Entry:
    """A move of A's study."""
    at, who = read_moment(f"2026-11-24T03:{number:02d}:00+00:00"), PEOPLE[to]
    body: dict[str, Any] = {"study": "1.2", "from": PEOPLE["A"].id, "moved_by": ["Ann", "Ben"], "reason": "Wrong band."}
    return Entry(
        id=f"E{number:013d}", number=f"T01-{number}", kind="image_move", device="T01", sequence=number, staff="Ann",
        happened=at, written=at, identity=Identity(patient=who.id, ids=who.ids),
        body={**body, **({"series": list(series)} if series else {}), **more},
    )  # fmt: skip


def charts(made: list[Entry], natives: str = "") -> dict[str, set[str]]:
    """Person -> the series that their chart shows. The copy has the study under A, and under each of `natives` too."""
    moves, holders = standing(made), tuple(frozenset(PEOPLE[n].ids) for n in ("A", *natives))
    origin = Origin(records=(HELD,))
    around = Surroundings(
        moves=moves, origins={m.entry.id: origin for m in moves}, holders={"1.2": holders}, own={},
    )  # fmt: skip
    shown = {}
    for name, view in PEOPLE.items():
        records = [replace(HELD, id=f"R{name}", patient=view.id)] if name in ("A", *natives) else []
        found, _ = moved.moved(view, records, around)
        shown[name] = {s.uid for r in found if isinstance(r, ImagingStudy) for s in r.series}
    return shown


def each_picture_stands_where_the_moves_say(rounds: int) -> None:
    """The check: whatever was moved and given back, in whatever order laptops met, each series is in one chart at most, and
    in that which the standing moves name."""
    dice = random.Random(20)
    for _ in range(rounds):
        made = list[Entry]()
        for n in range(dice.randrange(1, 5)):
            chosen = tuple(sorted(dice.sample(SERIES, dice.randrange(1, 3)))) if dice.random() < 0.6 else ()
            made.append(entry(2 * n, dice.choice("BC"), chosen))
            if dice.random() < 0.4:
                made[-1] = replace(made[-1], corrected_by=f"E{2 * n + 1:013d}")
                made.append(entry(2 * n + 1, "B", undone=True))
        dice.shuffle(made)
        shown = charts(made)
        # A move holds where no other that overlaps it, in any series, names somebody else.
        alive = [e for e in made if e.corrected_by is None and not e.body.get("undone")]

        def parts(one: Entry) -> set[str]:
            return set(one.body.get("series") or SERIES)

        for uid in SERIES:
            mine = [e for e in alive if uid in parts(e)]
            sound = [
                e for e in mine
                if all(o.identity.patient == e.identity.patient for o in alive if parts(o) & parts(e))  # type: ignore[union-attr]
            ]  # fmt: skip
            targets = {e.identity.patient[1] for e in sound if e.identity is not None}
            expected = targets if mine else {"A"}
            assert {name for name, series in shown.items() if uid in series} == expected, (uid, made)


def test_each_picture_stands_in_one_chart_that_of_whose_it_is() -> None:
    each_picture_stands_where_the_moves_say(400)


def what_is_contested_is_shown_by_no_move() -> None:
    """The check: a source that has the study under a third patient, and two moves to two patients."""
    assert charts([entry(1, "B")], natives="C") == {"A": set(), "B": set(), "C": set(SERIES)}
    assert charts([entry(1, "B"), entry(2, "C")]) == {"A": set(), "B": set(), "C": set()}
    upheld = entry(1, "B", upheld=[PEOPLE["C"].id])
    assert charts([upheld], natives="C")["B"] == set(SERIES)


def test_what_is_contested_is_shown_by_no_move() -> None:
    what_is_contested_is_shown_by_no_move()


def test_sabotage_leaving_the_pictures_where_they_were_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moved, "without", lambda records, move, own: (list(records), ()))
    with pytest.raises(AssertionError):
        each_picture_stands_where_the_moves_say(20)


def test_sabotage_a_move_that_always_holds_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moved, "state_of", lambda move, moves, holders: moved.MOVED)
    with pytest.raises(AssertionError):
        each_picture_stands_where_the_moves_say(400)
    with pytest.raises(AssertionError):
        what_is_contested_is_shown_by_no_move()


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """Two in a ward, a CT under the first one's number."""
    facts = [*ward(), person(1), person(2), stay("p1", 1), stay("p2", 2), study("p1")]
    return laid(tmp_path_factory.mktemp("ground"), facts)


@pytest.fixture
def house(ground: tuple[Path, bytes], tmp_path: Path) -> Iterator[House]:
    made = opened(ground, tmp_path)
    yield made
    made.close()


BODY: dict[str, Any] = {"happened": AT, "study": STUDY, "from": nhs_number(1), "reason": "Wrong band."}


def nobody_moves_images_alone(house: House) -> None:
    """The check: without a second person who gives their own secret nothing is written and nothing moves."""
    for second, secret in ((SECOND, SECRET), (SECOND, b""), ("Tess Tester", SECRET), ("", THEIRS)):
        with pytest.raises(WardlampError):
            house.move_images(nhs_number(2), BODY, second, secret)
    for kind in ("image_move",):
        with pytest.raises(WardlampError):
            house.enter(kind, nhs_number(2), {**BODY, "from": house.reading().resolve(nhs_number(1)), "shown": {
                "patient": house.reading().resolve(nhs_number(1))}, "moved_by": ["Tess Tester", SECOND]})  # fmt: skip
    assert house.journal.entries() == ()
    assert house.reading().chart(nhs_number(2)).images.items == ()


def test_nobody_moves_images_alone(house: House) -> None:
    nobody_moves_images_alone(house)
    house.move_images(nhs_number(2), BODY, SECOND, THEIRS)
    assert len(house.reading().chart(nhs_number(2)).images.items) == 1


def test_sabotage_without_the_second_secret_or_the_one_door_it_is_caught(
    house: House, ground: tuple[Path, bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(house_module, "prove", lambda path, staff, secret: StaffName(staff, "clinician", "staff", "x"))
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            nobody_moves_images_alone(house)
    other = opened(ground, tmp_path / "other")
    with monkeypatch.context() as patch:
        patch.setattr(entries, "IMAGE_MOVE", "")
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            nobody_moves_images_alone(other)
    with monkeypatch.context() as patch:
        patch.setattr(moving, "same_person", lambda one, other: False)
        patch.setattr("localdb.journal.images.same_person", lambda one, other: False)
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            nobody_moves_images_alone(other)
    other.close()
