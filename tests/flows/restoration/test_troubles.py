"""What restoration does when a server does not play: each trouble alone, and what a person is told."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from localdb.errors import WardlampError
from localdb.restore import Target, decide, send, status
from localdb.restore.errors import DecisionRefused, NotAllowed, NotFhir, Unreachable
from tests.flows.restoration.counting import Client
from tests.flows.restoration.ward import MemoryLedger, Ward, patient
from tests.servers.fhir_simulator import Faults, Hospital, simulator, written
from tests.servers.fhir_store import Breaks, Refused, Store


@pytest.fixture
def hospital() -> Any:
    with simulator() as made:
        made.admit(patient(0, "test"), patient(1, "test"))
        yield made


def go(hospital: Hospital, ledger: MemoryLedger, **more: Any) -> dict[str, str]:
    """Sends once; entry id → state."""
    return {e.id: e.state for e in send(ledger, target_of(hospital, **more)).entries}


def target_of(hospital: Hospital, **more: Any) -> Target:
    return Target(hospital.base, pause=lambda _: None, **more)


def why(ledger: MemoryLedger, entry_id: str) -> str:
    return ledger.records[entry_id].reason.partition(":")[0]


def test_what_a_request_is_about_is_on_disk_as_sent_before_it_leaves(hospital: Hospital) -> None:
    ward = Ward()
    ward.mixed()
    ledger = MemoryLedger(ward.entries)
    under_way: list[bool] = []
    original = hospital.answer

    def watched(method: str, path: str, headers: Any, body: Any) -> Any:
        if method in ("POST", "PUT"):
            text = written(body)
            creates = [e.id for e in ward.entries if f'"value":"{e.id}#' in text and method == "POST"]
            tells = [
                e.id
                for e in ward.entries
                if f'"role":"source","what":{{"identifier":{{"system":"urn:wardlamp:entry","value":"{e.id}"' in text
            ]
            marking = (
                [e.id for e in ward.entries if e.corrects and ledger.records[e.id].state == "sent"]
                if method == "PUT"
                else []
            )
            about = creates or tells or marking
            under_way.append(bool(about) and all(ledger.records[i].state == "sent" for i in about))
        return original(method, path, headers, body)

    hospital.answer = watched  # type: ignore[method-assign]
    go(hospital, ledger)
    assert len(under_way) > 8
    assert all(under_way)


def test_requests_go_before_results_before_observations_before_notes(hospital: Hospital) -> None:
    ward = Ward()
    ward.mixed(1)
    go(hospital, MemoryLedger(ward.entries))
    kinds = [b"ServiceRequest", b"preliminary", b"vital-signs", b"DocumentReference"]
    bodies = [a.body for a in hospital.asked if a.is_write and b"Provenance" not in a.body]
    first = [next(n for n, body in enumerate(bodies) if kind in body) for kind in kinds]
    assert first == sorted(first)


def test_the_letters_of_a_value_are_in_the_request(hospital: Hospital) -> None:
    ward = Ward()
    ward.observations(value="7.10")
    ward.observations(value="<5")
    go(hospital, MemoryLedger(ward.entries))
    sent = b"".join(a.body for a in hospital.asked if a.is_write)
    assert b'"value":7.10,' in sent
    assert b'"valueString":"<5 kPa"' in sent


def test_a_refused_kind_holds_back_only_its_corrections() -> None:
    with simulator(Breaks(refuse=frozenset({"DocumentReference"}))) as hospital:
        hospital.admit(patient(0, "test"), patient(1, "test"))
        ward = Ward()
        ward.mixed()
        ledger = MemoryLedger(ward.entries)
        states = go(hospital, ledger)
        notes = [e for e in ward.entries if e.kind == "note"]
        assert [states[e.id] for e in notes] == ["refused", "waiting"] * 2
        assert why(ledger, notes[0].id) == "restore.refused"
        assert why(ledger, notes[1].id) == "restore.waits_for"
        assert {states[e.id] for e in ward.entries if e.kind != "note"} == {"confirmed"}
        hospital.store.breaks.refuse = frozenset()
        decide(ledger, notes[0].id, "send_again", "Tess Tester")
        states = go(hospital, ledger)
        assert states[notes[1].id] == "confirmed"
        assert states[notes[2].id] == "refused"


def test_one_bad_entry_in_a_transaction_does_not_take_the_others_with_it(hospital: Hospital) -> None:
    ward = Ward()
    for n in range(8):
        ward.note(f"Note {n}")
    original = Store.check

    def picky(store: Store, kind: str, resource: dict[str, Any]) -> None:
        if kind == "DocumentReference" and resource["identifier"][0]["value"].startswith(ward.entries[3].id):
            raise Refused(422, "this very one")
        original(store, kind, resource)

    hospital.store.check = lambda kind, resource: picky(hospital.store, kind, resource)  # type: ignore[method-assign]
    states = go(hospital, MemoryLedger(ward.entries))
    assert [states[e.id] for e in ward.entries] == ["confirmed"] * 3 + ["refused"] + ["confirmed"] * 4


def test_a_part_that_is_refused_is_said(hospital: Hospital) -> None:
    hospital.store.breaks.transaction_is_batch = True
    ward = Ward()
    vitals = ward.observations()
    original = hospital.store.check

    def picky(kind: str, resource: dict[str, Any]) -> None:
        original(kind, resource)
        if kind == "Observation" and resource["identifier"][0]["value"].endswith("#2"):
            raise Refused(422, "not this unit")

    hospital.store.check = picky  # type: ignore[method-assign]
    ledger = MemoryLedger(ward.entries)
    assert go(hospital, ledger) == {vitals.id: "refused"}
    assert why(ledger, vitals.id) == "restore.partly"
    assert "2 of 3" in ledger.records[vitals.id].reason
    assert len(ledger.records[vitals.id].resources) == 2


def test_provenance_refused_is_not_confirmed() -> None:
    with simulator(Breaks(refuse=frozenset({"Provenance"}))) as hospital:
        hospital.admit(patient(0, "test"))
        ward = Ward()
        note = ward.note()
        ledger = MemoryLedger(ward.entries)
        assert go(hospital, ledger) == {note.id: "refused"}
        assert why(ledger, note.id) == "restore.provenance_refused"


@pytest.mark.parametrize("how_many", [0, 2])
def test_not_exactly_one_patient_needs_a_person(how_many: int) -> None:
    with simulator() as hospital:
        for _ in range(how_many):
            hospital.admit(patient(0, "test"))
        ward = Ward()
        note = ward.note()
        ledger = MemoryLedger(ward.entries)
        assert go(hospital, ledger) == {note.id: "needs_person"}
        assert hospital.writes == 0
        assert why(ledger, note.id) == ("restore.patient_ambiguous" if how_many else "restore.patient_unknown")


def test_a_number_that_finds_a_stranger_needs_a_person() -> None:
    with simulator() as hospital:
        hospital.admit({**patient(0, "test"), "name": [{"family": "Other"}], "birthDate": "1999-01-01"})
        ward = Ward()
        note = ward.note()
        ledger = MemoryLedger(ward.entries)
        go(hospital, ledger)
        assert why(ledger, note.id) == "restore.patient_differs"
        assert hospital.writes == 0


def test_a_patient_that_was_replaced_is_passed_over(hospital: Hospital) -> None:
    link = {"other": {"display": "the survivor"}, "type": "replaced-by"}
    hospital.admit({**patient(0, "test"), "active": False, "link": [link]})
    ward = Ward()
    note = ward.note()
    assert go(hospital, MemoryLedger(ward.entries)) == {note.id: "confirmed"}


@pytest.mark.parametrize("how", ["unsearchable", "ignored"])
def test_a_lost_answer_where_nothing_can_be_searched_needs_a_person(how: str) -> None:
    breaks = Breaks(always_creates=True, **{how: frozenset({"identifier"})})  # type: ignore[arg-type]
    with simulator() as hospital:
        hospital.admit(patient(0, "test"))
        hospital.admit(*[{"resourceType": "DocumentReference", "identifier": [], "n": n} for n in range(3)])
        ward = Ward()
        note = ward.note()
        ledger = MemoryLedger(ward.entries)
        real = hospital.store.search

        def search(kind: str, query: str) -> Any:
            hospital.store.breaks = breaks if kind != "Patient" else Breaks()
            return real(kind, query)

        hospital.store.search = search  # type: ignore[method-assign]
        hospital.faults.every = (1, "lose_after")
        assert go(hospital, ledger) == {note.id: "needs_person"}
        assert why(ledger, note.id) == "restore.unsearchable"
        assert len(hospital.store.marks()) == 1


def test_without_search_a_clear_answer_still_confirms() -> None:
    with simulator() as hospital:
        hospital.admit(patient(0, "test"))
        ward = Ward()
        ward.mixed(1)
        real = hospital.store.search

        def search(kind: str, query: str) -> Any:
            off = frozenset({"identifier", "target"})
            hospital.store.breaks.unsearchable = off if kind != "Patient" else frozenset()
            return real(kind, query)

        hospital.store.search = search  # type: ignore[method-assign]
        hospital.store.breaks.always_creates = True
        states = go(hospital, MemoryLedger(ward.entries))
        # What was delivered in this run is known by its id, so its corrections find it.
        assert Counter(states.values()) == Counter(confirmed=6)


def test_what_stands_twice_needs_a_person(hospital: Hospital) -> None:
    ward = Ward()
    note = ward.note()
    go(hospital, MemoryLedger(ward.entries))
    twin = next(r for r in hospital.store.walk() if r["resourceType"] == "DocumentReference")
    hospital.store.put({k: v for k, v in twin.items() if k != "id"})
    ledger = MemoryLedger(ward.entries)
    assert go(hospital, ledger) == {note.id: "needs_person"}
    assert why(ledger, note.id) == "restore.doubled"
    assert len(ledger.records[note.id].resources) == 2


def test_what_stands_for_another_patient_needs_a_person(hospital: Hospital) -> None:
    ward = Ward()
    note = ward.note()
    go(hospital, MemoryLedger(ward.entries))
    held = next(r for r in hospital.store.walk() if r["resourceType"] == "DocumentReference")
    other = next(r for r in hospital.store.walk() if (r.get("name") or [{}])[0].get("family") == "Testward1")
    hospital.store.put({**held, "subject": {"reference": f"Patient/{other['id']}"}}, held["id"])
    ledger = MemoryLedger(ward.entries)
    go(hospital, ledger)
    assert why(ledger, note.id) == "restore.other_patient"


def test_a_server_that_discards_what_it_took_is_found_out() -> None:
    with simulator(Breaks(discards=frozenset({"Observation"}))) as hospital:
        hospital.admit(patient(0, "test"))
        ward = Ward()
        vitals = ward.observations()
        ledger = MemoryLedger(ward.entries)
        assert go(hospital, ledger) == {vitals.id: "needs_person"}
        assert why(ledger, vitals.id) == "restore.vanished"


def corrected(hospital: Hospital, between: Any, breaks: Breaks | None = None) -> tuple[MemoryLedger, str]:
    """A delivered note, then its correction while `between` plays someone else at the server."""
    ward = Ward()
    first = ward.note()
    ledger = MemoryLedger(ward.entries)
    go(hospital, ledger)
    if breaks:
        hospital.store.breaks = breaks
    hospital.store.between = between
    second = ward.note("Corrected", corrects=first)
    go(hospital, ledger)
    return ledger, second.id


def someone_once(store: Store, kind: str, rid: str) -> None:
    """Someone else files a description just before our update arrives."""
    store.between = None
    store.put({**store.read(kind, rid), "description": "Filed by the clerk"}, rid)


def test_someone_elses_change_is_kept_when_the_first_is_marked(hospital: Hospital) -> None:
    ledger, second = corrected(hospital, someone_once)
    assert ledger.records[second].state == "confirmed"
    held = [r for r in hospital.store.walk() if r.get("description")]
    assert [(r["status"], r["description"]) for r in held] == [("superseded", "Filed by the clerk")]


@pytest.mark.parametrize("breaks", [{}, {"opaque_versions": True}, {"no_history": True}], ids=str)
def test_an_ignored_if_match_is_found_out(hospital: Hospital, breaks: dict[str, bool]) -> None:
    ledger, second = corrected(hospital, someone_once, Breaks(ignores_if_match=True, **breaks))  # type: ignore[arg-type]
    assert ledger.records[second].state == "needs_person"
    assert why(ledger, second) == "restore.overwritten"


def test_a_first_that_is_always_changed_needs_a_person(hospital: Hospital) -> None:
    def always(store: Store, kind: str, rid: str) -> None:
        store.put({**store.read(kind, rid)}, rid)

    ledger, second = corrected(hospital, always)
    assert why(ledger, second) == "restore.changed_there"


def test_without_versions_nothing_is_marked_blindly(hospital: Hospital) -> None:
    hospital.store.breaks.no_versions = True
    ledger, second = corrected(hospital, None)
    assert why(ledger, second) == "restore.no_version"


def test_a_first_that_was_deleted_needs_a_person(hospital: Hospital) -> None:
    ward = Ward()
    first = ward.note()
    ledger = MemoryLedger(ward.entries)
    go(hospital, ledger)
    kind, _, rid = ledger.records[first.id].resources[0].partition("/")
    hospital.store.delete(kind, rid)
    second = ward.note("Corrected", corrects=first)
    go(hospital, ledger)
    assert why(ledger, second.id) == "restore.first_not_there"


def test_a_correction_whose_first_is_not_here_needs_a_person(hospital: Hospital) -> None:
    ward = Ward()
    first = ward.note()
    second = ward.note("Corrected", corrects=first)
    ledger = MemoryLedger(ward.entries[1:])
    go(hospital, ledger)
    assert why(ledger, second.id) == "restore.first_missing"


def test_an_entry_of_a_kind_without_a_resource_needs_a_person(hospital: Hospital) -> None:
    ward = Ward()
    entry = ward.write("observations", {"happened": "2026-11-24T02:25:00+00:00", "items": []})
    ledger = MemoryLedger(ward.entries)
    go(hospital, ledger)
    assert why(ledger, entry.id) == "restore.body"


def test_nobody_there_is_said_and_nothing_is_lost(hospital: Hospital) -> None:
    ward = Ward()
    ward.mixed(1)
    ledger = MemoryLedger(ward.entries)
    with simulator() as gone:
        base = gone.base
    with pytest.raises(Unreachable) as refused:
        send(ledger, Target(base, pause=lambda _: None))
    assert refused.value.code == "restore.unreachable"
    assert status(ledger).kept == 6


def test_a_line_that_breaks_in_the_middle_goes_on_later(hospital: Hospital) -> None:
    ward = Ward()
    ward.mixed()
    ledger = MemoryLedger(ward.entries)
    hospital.faults.at = dict.fromkeys(range(12, 100), "lose_after")
    with pytest.raises(Unreachable):
        go(hospital, ledger)
    hospital.faults.at = {}
    assert set(go(hospital, ledger).values()) == {"confirmed"}
    assert hospital.store.marks() == Counter(ward.expected())
    assert hospital.store.told() == Counter({e.id: 1 for e in ward.entries})


def test_a_server_that_fails_at_every_request_stops_the_run(hospital: Hospital) -> None:
    ward = Ward()
    for n in range(60):
        ward.note(f"Note {n}")
    ledger = MemoryLedger(ward.entries)
    hospital.faults.at = dict.fromkeys(range(3, 5000), "500_plain")
    with pytest.raises(Unreachable):
        go(hospital, ledger)
    assert len(hospital.asked) < 200
    hospital.faults.at = {}
    assert set(go(hospital, ledger).values()) == {"confirmed"}


def test_a_token_is_sent_and_asked_for(hospital: Hospital, tmp_path: Path) -> None:
    hospital.faults.token = "secret-token"
    ward = Ward()
    ward.note()
    ledger = MemoryLedger(ward.entries)
    with pytest.raises(NotAllowed):
        go(hospital, ledger)
    assert status(ledger).kept == 1
    token_file = tmp_path / "token"
    token_file.write_text("secret-token\n")
    assert set(go(hospital, ledger, token_file=token_file).values()) == {"confirmed"}
    assert "secret-token" not in repr(ledger.records)


def test_a_token_that_expires_meanwhile_is_read_again(hospital: Hospital, tmp_path: Path) -> None:
    ward = Ward()
    ward.note()
    token_file = tmp_path / "token"
    token_file.write_text("old")
    target = target_of(hospital, token_file=token_file)
    hospital.faults.token = "new"
    token_file.write_text("new")
    assert send(MemoryLedger(ward.entries), target).confirmed == 1


@pytest.mark.parametrize(
    "faults",
    [
        Faults(is_web_page=True),
        Faults(redirect="http://elsewhere.invalid/login"),
        Faults(every=(1, "garbage"), at=dict.fromkeys(range(99), "garbage")),
    ],
    ids=["captive portal", "redirect", "garbage"],
)
def test_what_is_no_fhir_server_is_said(hospital: Hospital, faults: Faults) -> None:
    hospital.faults = faults
    ward = Ward()
    ward.note()
    ledger = MemoryLedger(ward.entries)
    with pytest.raises(NotFhir):
        go(hospital, ledger)
    assert status(ledger).kept == 1


def test_retry_after_is_waited_for(hospital: Hospital) -> None:
    ward = Ward()
    ward.note()
    waited: list[float] = []
    hospital.faults.every, hospital.faults.retry_after = (1, "429"), "7"
    hospital.faults.at = {}
    target = Target(hospital.base, pause=waited.append)
    real = hospital.faults.of

    def once(number: int, write: int | None) -> str:
        fault = real(number, write)
        if fault:
            hospital.faults.every = None
        return fault

    hospital.faults.of = once  # type: ignore[method-assign]
    assert send(MemoryLedger(ward.entries), target).confirmed == 1
    assert 7.0 in waited


def test_a_patients_name_is_in_no_reason_and_no_error(hospital: Hospital) -> None:
    hospital.store.breaks.refuse = frozenset({"Observation"})
    ward = Ward()
    ward.mixed()
    ledger = MemoryLedger(ward.entries)
    go(hospital, ledger)
    said = repr(status(ledger).as_json())
    assert not [w for w in ("Testward", "Quill", "999000", "Potassium", "Htest") if w in said]


def test_decisions_close_open_and_stay_open(hospital: Hospital) -> None:
    hospital.store.breaks.refuse = frozenset({"DocumentReference"})
    ward = Ward()
    first, second, third = ward.note("a"), ward.note("b"), ward.note("c")
    ledger = MemoryLedger(ward.entries)
    go(hospital, ledger)
    decide(ledger, first.id, "already_there", "Mair Pryce")
    decide(ledger, second.id, "enter_by_hand", "Mair Pryce")
    decide(ledger, third.id, "send_again", "Mair Pryce")
    hospital.store.breaks.refuse = frozenset()
    assert go(hospital, ledger) == {first.id: "confirmed", second.id: "needs_person", third.id: "confirmed"}
    assert ledger.decisions[0] == (first.id, "already_there", "Mair Pryce")
    decide(ledger, second.id, "already_there", "Mair Pryce")
    assert status(ledger).confirmed == 3
    for entry, decision in ((first.id, "send_again"), (second.id, "nonsense"), ("E0", "already_there")):
        with pytest.raises(DecisionRefused) as no:
            decide(ledger, entry, decision, "Mair Pryce")
        assert isinstance(no.value, WardlampError)


def test_more_than_eight_resources_go_in_several_transactions() -> None:
    with simulator(Breaks(most_conditional=8)) as hospital:
        hospital.admit(patient(0, "test"))
        ward = Ward()
        items = [{"code": f"{n}-1", "value": str(n), "unit": "1"} for n in range(20)]
        ward.write("observations", {"happened": "2026-11-24T02:25:00+00:00", "items": items})
        ledger = MemoryLedger(ward.entries)
        hospital.faults.every = (2, "lose_after")
        assert set(go(hospital, ledger).values()) == {"confirmed"}
        assert hospital.store.marks() == Counter(ward.expected())
        client = Client(hospital.base)
        hospital.faults.every = None
        assert client.told(ward.expected()) == Counter({ward.entries[0].id: 1})
