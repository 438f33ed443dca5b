"""Who was joined with whom, when and by whom: the events of a person, and decisions by hand (DESIGN D2).

A source's word and a person's decision are kept both, made and undone; what stands is marked. `identity` has the rules.
"""

from __future__ import annotations

import msgspec

from localdb.errors import InputRefused
from localdb.store.identity import Links
from localdb.store.opening import Connection


class LinkRefused(InputRefused):
    """Two patients cannot be joined or parted as asked."""

    code = "link.unknown_patient"
    next_step = "Give the ids of two patients of this copy (P and 13 characters); `wardlamp person show` lists them."


class LinkNote(msgspec.Struct, frozen=True, kw_only=True):
    """One event: `patient` and `other` were joined (`type` replaced-by, replaces, seealso, shared) or, where `parted`,
    said to be two people. `said` when its source said so, `made` when it was taken in here (texts of moments), `by`
    source or a person's name; `stands`: the two are joined now (or parted, and nothing joins them) because of it."""

    patient: str
    other: str
    type: str
    parted: bool
    said: str
    made: str
    by: str
    stands: bool


def links_of(connection: Connection, patient: str) -> list[LinkNote]:
    """Every event about this patient and about those who were ever joined with them, oldest first."""
    ids = _ever(connection, patient)
    marks = ",".join("?" * len(ids))
    where = f"(patient in ({marks}) or other in ({marks}))"
    notes = []
    for one, other, type_, origin, said, made, by, undone, undone_by in connection.execute(
        f"select patient, other, type, origin, said, made, made_by, undone, undone_by from link where {where}",
        [*ids, *ids],
    ).fetchall():
        if origin == "record":  # those of events are listed as the events that they follow from
            notes.append(LinkNote(
                patient=one, other=other, type=type_, parted=False, said=said or "", made=made or "", by=by,
                stands=undone is None))  # fmt: skip
            if undone is not None and undone_by == "source":
                notes.append(LinkNote(
                    patient=one, other=other, type=type_, parted=True, said="", made=undone, by=undone_by,
                    stands=False))  # fmt: skip
    links = Links(connection, lambda _: None)
    for one, other, type_, undo, said, made, by in connection.execute(
        f"select patient, other, type, undo, said, made, made_by from link_event where {where} order by arrival",
        [*ids, *ids],
    ).fetchall():
        state = links.state(one, other)
        stands = state is not None and (state.parted, state.made, state.by, state.said) == (bool(undo), made, by, said)
        notes.append(LinkNote(
            patient=one, other=other, type=type_, parted=bool(undo), said=said, made=made, by=by, stands=stands
        ))  # fmt: skip
    return sorted(notes, key=lambda n: n.made)


def _ever(connection: Connection, patient: str) -> list[str]:
    """Those who are or were joined with a patient, in any number of steps."""
    group, todo = {patient}, [patient]
    while todo:
        one = todo.pop()
        rows = connection.execute(
            "select other from link where patient=? union select patient from link where other=?"
            " union select two from link_event where one=? union select one from link_event where two=?",
            (one, one, one, one),
        ).fetchall()
        for (near,) in rows:
            if near not in group:
                group.add(near)
                todo.append(near)
    return sorted(group)


def check_pair(connection: Connection, one: str, other: str) -> None:
    """Raises link.one_patient, link.unknown_patient."""
    if one == other:
        raise LinkRefused("These are the same patient already.", code="link.one_patient")
    known = {r[0] for r in connection.execute("select id from patient where id in (?,?)", (one, other))}
    if len(known) < 2:
        raise LinkRefused("A patient of that id is not in the intake.")


def check_parting(links: Links, one: str, other: str) -> None:
    """Raises link.not_joined where the two are two people already, link.through_others where others join them too."""
    if other not in links.group(one):
        raise LinkRefused("These are two people already.", code="link.not_joined")
    if other in links.group(one, without=(one, other)):
        raise LinkRefused(
            "Others join these two as well.", code="link.through_others",
            next_step="Part the links in between first: `wardlamp person show` lists them.")  # fmt: skip
