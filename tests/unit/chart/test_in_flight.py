"""What was in flight: one line for each order, as far as the source said, closed by a person alone (CLINICAL §3.3, H09)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.chart.in_flight import (
    BOOKED,
    COME,
    LABORATORY,
    NO_ORDER,
    NOT_COLLECTED,
    NOT_RECEIVED,
    ON_HOLD,
    PARTIAL,
    PERFORMED,
    PRELIMINARY,
    REOPENED,
    SENT_AWAY,
    STATES,
    UNSTATED,
    InFlight,
    balance_words,
    closure_body,
    groups,
    of_records,
)
from localdb.chart.views import Entry, PatientView
from localdb.records.moments import from_instant
from localdb.records.vocabulary import ImagingStudy, Record, Reference, Report, Request, Result

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
ANN = PatientView(id="PAAAAAAAAAAAA1", ids=("PAAAAAAAAAAAA1",))
FIELDS: dict[str, Any] = {"patient": ANN.id, "source": "lims"}


def ago(**span: float) -> Any:
    return from_instant(NOW - timedelta(**span))


def request(n: int = 1, **more: Any) -> Request:
    facts = {"id": f"R{n:013d}", "source_id": f"q{n}", "status": "active", "text": "U&E", "asked": ago(hours=5)}
    return Request(**(FIELDS | facts | more))


def report(n: int, status: str, *, order: int | None = 1, **more: Any) -> Report:
    names = (Reference("based_on", f"ServiceRequest/q{order}"),) if order is not None else ()
    facts = {"id": f"R{n:013d}", "source_id": f"d{n}", "status": status, "text": "U&E", "references": names}
    return Report(**(FIELDS | facts | {"said": ago(hours=1)} | more))


def study(n: int, *, order: int | None = 1, **more: Any) -> ImagingStudy:
    names = (Reference("based_on", f"ServiceRequest/q{order}"),) if order is not None else ()
    facts = {"id": f"R{n:013d}", "source_id": f"s{n}", "status": "available", "text": "CT head", "references": names}
    return ImagingStudy(**(FIELDS | facts | {"happened": ago(hours=3)} | more))


def found(*records: Record, entries: tuple[Entry, ...] = (), **more: Any) -> InFlight:
    return of_records(ANN, records, entries, NOW, **more)


def closing(flight: InFlight, at: int, outcome: str, number: int, corrects: str | None = None) -> Entry:
    body = closure_body(flight.lines[at], outcome, "", "2026-11-24T03:00:00+00:00")
    return Entry(
        id=f"E{number:013d}", number=f"K95-{number}", kind="closure", device="K95", sequence=number, staff="Ann Nurse",
        happened=None, written=ago(minutes=10 - number / 100), identity=None, body=body, corrects=corrects,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("records", "state"),
    [
        ((request(),), UNSTATED),
        ((request(comments=("not collected",)),), NOT_COLLECTED),
        ((request(comments=("Collected, not received",)),), NOT_RECEIVED),
        ((request(comments=("in laboratory",)),), LABORATORY),
        ((request(comments=("Sent away to Northmoor",)),), SENT_AWAY),
        ((request(comments=("booked 09:30",)),), BOOKED),
        ((request(collected=ago(hours=4)),), NOT_RECEIVED),
        ((request(collected=ago(hours=4), received=ago(hours=3)),), LABORATORY),
        ((request(stage="O"),), NOT_RECEIVED),  # HL7 table 0123: order received, specimen not yet received
        ((request(stage="I"),), LABORATORY),  # specimen received, procedure incomplete
        ((request(stage="S"),), BOOKED),  # procedure scheduled, but not done
        ((request(stage="A"),), PARTIAL),  # some, but not all, results available
        ((request(stage="R"),), PRELIMINARY),  # results stored, not yet verified
        ((request(status="on-hold"),), ON_HOLD),
        ((request(), report(2, "registered")), LABORATORY),
        ((request(), report(2, "partial")), PARTIAL),
        ((request(), report(2, "preliminary")), PRELIMINARY),
        ((request(), study(2)), PERFORMED),
        ((request(), study(2), report(3, "registered")), PERFORMED),
        ((request(), study(2), report(3, "final")), COME),
        ((request(), report(2, "final"), report(3, "preliminary")), PRELIMINARY),
        ((request(status="completed"), report(2, "preliminary")), PRELIMINARY),
    ],
)
def test_one_line_for_an_order_as_far_as_the_source_said(records: tuple[Record, ...], state: str) -> None:
    flight = found(*records)
    assert [line.state for line in flight.lines] == [state]
    assert set(flight.lines[0].ids) == {r.id for r in records}
    assert flight.lines[0].is_open


@pytest.mark.parametrize(
    "records",
    [
        (request(status="completed"), report(2, "final")),
        (request(status="completed"),),
        (request(status="revoked"),),
        (request(status="entered-in-error"), report(2, "cancelled")),
        (report(2, "final", order=None),),
        (report(2, "entered-in-error", order=None),),
    ],
)
def test_what_the_source_itself_ended_is_no_line(records: tuple[Record, ...]) -> None:
    assert found(*records).lines == ()


def test_what_has_no_order_in_this_copy_waits_unseen_nowhere() -> None:
    loose = Result(**(FIELDS | {"id": "R0000000000007", "source_id": "o7", "status": "preliminary", "text": "CRP"}))
    flight = found(report(2, "preliminary", order=9), study(3, order=None), loose)
    assert [(line.state, line.said) for line in flight.lines] == [
        (PERFORMED, NO_ORDER), (PRELIMINARY, NO_ORDER), (PRELIMINARY, NO_ORDER),
    ]  # fmt: skip


def test_a_preliminary_result_stands_with_its_unfinished_report_and_alone_beside_a_final_one() -> None:
    crp = Result(**(FIELDS | {"id": "R0000000000007", "source_id": "o7", "status": "preliminary", "text": "CRP"}))
    with_it = found(report(2, "preliminary", order=None, results=("Observation/o7",)), crp)
    assert [line.ids for line in with_it.lines] == [("R0000000000002",)]
    beside = found(report(2, "final", order=None, results=("Observation/o7",)), crp)
    assert [line.ids for line in beside.lines] == [("R0000000000007",)]


def test_an_accession_number_joins_what_two_systems_hold() -> None:
    pacs = study(2, order=None, source="pacs", accession="A100")
    ris = request(numbers=("R77", "A100"), source="ris")
    assert [line.ids for line in found(ris, pacs).lines] == [(ris.id, pacs.id)]
    other = found(ris, study(2, order=None, source="pacs", accession="A101"))
    assert len(other.lines) == 2, "another number is another examination, never joined by day or name"


def test_old_examinations_without_a_report_are_counted_and_not_chased() -> None:
    flight = found(study(2, order=None, happened=ago(days=400)), study(3, order=None, happened=ago(days=89)))
    assert flight.older == 1
    assert len(flight.lines) == 1


def test_groups_stand_in_the_order_in_which_they_are_chased_oldest_first() -> None:
    flight = found(
        request(1, comments=("booked 09:30",)), request(2, comments=("in laboratory",), asked=ago(hours=2)),
        request(3, comments=("in laboratory",), asked=ago(hours=30)), request(4, comments=("not collected",)),
    )  # fmt: skip
    made = groups(flight.lines)
    order = list(STATES)
    assert [order.index(g.state) for g in made] == sorted(order.index(g.state) for g in made)
    assert [line.hours(NOW) for g in made if g.state == LABORATORY for line in g.lines] == [30, 2]


def test_hours_are_never_told_of_a_time_that_is_not_known_or_lies_ahead() -> None:
    line = found(request(asked=None, happened=None)).lines[0]
    assert line.hours(NOW) is None
    ahead = found(request(asked=from_instant(NOW + timedelta(hours=1)))).lines[0]
    assert ahead.hours(NOW) is None


def test_what_was_answered_after_the_downtime_began_is_proposed_and_not_closed() -> None:
    began = NOW - timedelta(hours=2)
    ended = request(status="completed", asked=ago(hours=5))
    came = found(ended, report(2, "final", said=ago(hours=1)), since=began)
    assert [(line.state, line.is_open) for line in came.lines] == [(COME, True)]
    assert came.lines[0].come == ago(hours=1)
    before = found(ended, report(2, "final", said=ago(hours=3)), since=began)
    assert before.lines == ()
    later_order = found(request(status="completed", asked=ago(hours=1)), report(2, "final"), since=began)
    assert later_order.lines == ()


def test_a_report_of_two_orders_closes_neither_with_the_other() -> None:
    both = (Reference("based_on", "ServiceRequest/q1"), Reference("based_on", "ServiceRequest/q2"))
    records = (request(1), request(2), report(3, "partial", references=both))
    flight = found(*records)
    assert [line.state for line in flight.lines] == [PARTIAL, PARTIAL]
    after = found(*records, entries=(closing(flight, 0, "lost", 1),))
    assert [line.ids[0] for line in after.open] == [flight.lines[1].ids[0]]
    assert [line.ids[0] for line in after.closed] == [flight.lines[0].ids[0]]


def test_undo_opens_the_line_again_and_a_second_closing_counts() -> None:
    records = (request(1),)
    first = closing(found(*records), 0, "lost", 1)
    assert found(*records, entries=(first,)).closed[0].closing.number == "K95-1"  # type: ignore[union-attr]
    undo = closing(found(*records), 0, REOPENED, 2, corrects=first.id)
    gone = msgspec.structs.replace(first, corrected_by=undo.id)
    assert found(*records, entries=(undo, gone)).open
    again = closing(found(*records), 0, "cancelled", 3)
    ended = found(*records, entries=(again, undo, gone)).closed[0].closing
    assert ended is not None
    assert ended.outcome == "cancelled"


OUTCOMES = st.sampled_from(["resulted", "cancelled", "re-collected", "lost"])
STATUSES = st.sampled_from(["registered", "partial", "preliminary", "final"])


@given(
    st.lists(st.tuples(st.sampled_from(["active", "completed", "on-hold"]), STATUSES, st.booleans()), max_size=8),
    st.data(),
)
def test_lines_are_closed_plus_open_whatever_comes_later(
    orders: list[tuple[str, str, bool]], data: st.DataObject
) -> None:
    """Close some; then a newer copy says anything at all, even that the order is gone: what was closed stays."""
    before: list[Record] = []
    for n, (status, answer, has_answer) in enumerate(orders, 1):
        before.append(request(n, status=status))
        if has_answer:
            before.append(report(100 + n, answer, order=n))
    flight = found(*before)
    chosen = data.draw(st.lists(st.integers(0, max(0, len(flight.lines) - 1)), unique=True, max_size=len(flight.lines)))
    entries = tuple(closing(flight, at, data.draw(OUTCOMES), n) for n, at in enumerate(chosen, 1))
    closed = found(*before, entries=entries)
    assert len(closed.lines) == len(flight.lines)
    assert len(closed.closed) == len(chosen)
    assert len(closed.open) + len(closed.closed) == len(closed.lines)
    assert balance_words(closed.lines).count(str(len(closed.lines))) >= 1
    kept = [r for r in before if data.draw(st.booleans())]
    later = found(*kept, entries=entries)
    ended = {i for line in later.closed for i in line.ids}
    for at in chosen:
        assert not ended.isdisjoint(flight.lines[at].ids), "a closed line is never gone"
