"""Made-up streams of facts, links, moves and repeats, in any order of arrival and in any batches: the intake holds the
same records with the same patients, the same former contents and the same persons."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from localdb.sources.units import LinkEvent, MoveEvent, Unit
from localdb.store.intake import Intake
from tests.made import NOW, nhs_number
from tests.unit.store.telling import key, patient, reading, request, result, stay, unit

LOW = 10**17
_MRN = st.sampled_from("11223")
_VISIT = st.sampled_from(["V1", "V2"])


@st.composite
def messages(draw: st.DrawFn, order: int) -> Unit:
    """One message at a time of its own."""
    mrn, visit = draw(_MRN), draw(_VISIT)
    kind = draw(st.sampled_from(["adt", "adt", "adt", "lab", "lab", "merge", "part", "move", "order"]))
    if kind == "adt":
        more: dict[str, Any] = {
            k: v for k in ("ward", "bed", "status") if (v := draw(st.sampled_from(["", "a", "b"])))
        }  # fmt: skip
        cleared = tuple(draw(st.sets(st.sampled_from(["ward", "bed"]), max_size=1)) - more.keys())
        nhs = draw(st.sampled_from([nhs_number(1), nhs_number(1), nhs_number(2), ""]))
        return unit(
            patient(mrn, order, nhs=nhs), stay(mrn, visit, order, cleared=cleared, **more), type_="ADT^A08",
            control=str(order),
        )  # fmt: skip
    if kind == "lab":
        value, (status, tie) = draw(st.sampled_from("567")), draw(st.sampled_from([("final", 2), ("corrected", 3)]))
        told = result(mrn, draw(st.sampled_from("kh")), value, order, status=status, tie=tie, visit=visit)
        return unit(patient(mrn, order - LOW), told, control=str(order))
    if kind == "order":
        told = request(mrn, "P1", order, status=draw(st.sampled_from(["active", "completed"])))
        return unit(patient(mrn, order - LOW), told, type_="ORM^O01", control=str(order))
    other = draw(_MRN.filter(lambda m: m != mrn))
    both = (patient(mrn, order - LOW), patient(other, order - LOW))
    if kind == "move":
        former = key(other) if draw(st.booleans()) else ""
        event = MoveEvent(encounter=f"Encounter/{visit}", patient=key(mrn), order=order, former=former)
        return unit(*both, moves=[event], type_="ADT^A45", control=str(order))
    link = LinkEvent(patient=key(mrn), other=key(other), type="replaced-by", order=order, undo=kind == "part")
    return unit(*both, links=[link], type_="ADT^A40", control=str(order))


@st.composite
def streams(draw: st.DrawFn) -> list[Unit]:
    return [draw(messages(n)) for n in range(1, 1 + draw(st.integers(4, 16)))]


def held_after(batches: list[list[Unit]]) -> dict[str, list[Any]]:
    """What stands in an intake that took these batches, one commit each."""
    with tempfile.TemporaryDirectory() as folder:
        intake = Intake(Path(folder) / "intake.db", bytes(32), lambda: NOW, create=True)
        try:
            for batch in batches:
                outcomes = intake.take(reading(*batch))
                assert {o.outcome for o in outcomes} <= {"taken", "older", "same", "waiting"}, outcomes
                intake.commit()
            ask = intake.connection.execute
            return {
                "records": ask("select patient, id, kind, body from record order by 1, 2").fetchall(),
                "former": ask("select patient, id, seq, body from former order by 1, 2, 3").fetchall(),
                "persons": ask("select id, person from patient order by 1").fetchall(),
                "numbers": ask("select value, system, patient from identifier order by 1, 2, 3").fetchall(),
                "waiting": ask("select unit from waiting").fetchall(),
            }
        finally:
            intake.close()


@given(streams(), st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_any_order_of_arrival_holds_the_same(units: list[Unit], seed: int) -> None:
    rng = random.Random(seed)  # hypothesis's own permutations stay too near to the order given
    in_order = held_after([[u] for u in units])
    arrival = [*units, *units[:2]]
    rng.shuffle(arrival)
    cuts = sorted(rng.sample(range(1, len(arrival)), 3))
    batches = [arrival[a:b] for a, b in zip([0, *cuts], [*cuts, len(arrival)], strict=True)]
    assert held_after(batches) == in_order
    assert in_order["waiting"] == []
