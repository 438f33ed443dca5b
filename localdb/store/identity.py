"""Who is one person: link events, made and undone, and the written rule for shared identifiers (DESIGN D2).

The rules, in full:
1. A source's own word joins two of its patients (FHIR `Patient.link` replaced-by, replaces, seealso; the merges and links
   of HL7 v2). `refer` does not join.
2. Two patients with the same NHS number join when the number is sound (Modulus 11) and not marked by its source as
   failed to trace, both birth dates were sent as whole days and are equal, and the family name or the first given
   name is equal. Names only ever hold such a join back; they never make one.
3. Two patients with the same hospital number (type MR, the same non-empty system) join when both birth dates were sent
   and are equal to the letter (an estimated year too), and the family name or the first given name is equal.
4. Nothing else joins. Each join is an event that can be undone; undoing it marks everyone concerned as changed.
5. Of what sources say in messages about the same two patients, the latest by the messages' own time counts, whenever it
   arrives. "These are two people" (HL7 v2 A37) outweighs rules 2 and 3.
6. What a person decides by hand outlasts all of it.
7. The same key for another name *and* another birth date, with no other identifier in common, joins nothing and is set
   aside (`identity.conflict`).

A person's id is the survivor that a source named, else the smallest id.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable

import msgspec

from localdb.chart.assembly import NHS_SYSTEM, nhs_of, shown_name
from localdb.records.ids import nhs_number_is_sound, patient_id
from localdb.records.vocabulary import Patient
from localdb.sources.units import LinkEvent
from localdb.store.opening import Connection

# UK Core NHS number verification: 04 trace attempted no match, 05 trace needs resolving, 07 number not present,
# 08 trace postponed: none of them may join people.
_UNTRACED = frozenset({"04", "05", "07", "08"})
JOINING = frozenset({"replaced-by", "replaces", "seealso", "shared"})


def bare_number(value: str) -> str:
    return "".join(c for c in value if c.isalnum())


def fold(text: str) -> str:
    """Compared, never shown: case, marks, spaces and punctuation taken away."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if c.isalnum())


def name_parts(patient: Patient) -> tuple[str, str]:
    """Folded family and first given name of the name to show first."""
    name = shown_name(patient.names)
    return fold(name.family or name.text), fold(name.given[0]) if name.given else ""


def conflicts(held: Patient, new: Patient, key: str = "") -> bool:
    """The same key for two people: other name *and* other birth date and no identifier in common (D2).

    `key`: the value that made the key where it is one of the identifiers (HL7 v2); that one is common by its nature.
    """
    if held.born is None or new.born is None or held.born.text == new.born.text:
        return False
    families = {fold(n.family or n.text) for n in held.names} & {fold(n.family or n.text) for n in new.names}
    if families or not held.names or not new.names:
        return False
    mine = {(i.system, i.value) for i in held.identifiers if i.value and i.value != key}
    return not mine & {(i.system, i.value) for i in new.identifiers if i.value}


class PairState(msgspec.Struct, frozen=True):
    """What was last decided about two patients: joined or parted, by whom (`source` or a person's name), when said."""

    parted: bool
    patient: str
    other: str
    type: str
    said: str
    made: str
    by: str


class Links:
    """Link events of the intake and the persons that follow from them. Used by the intake's owner only.

    `patient_of` gives the patient record that is held under an id.
    """

    def __init__(self, connection: Connection, patient_of: Callable[[str], Patient | None]) -> None:
        self._c, self._patient_of = connection, patient_of

    # -- what records say ---------------------------------------------------------------------------------------

    def relate(self, patient: Patient, now: str) -> set[str]:
        """Brings the links of a patient just taken up to date. Returns all patients whose person may have changed."""
        wanted = {(p, t) for p, t in self._wanted(patient) if p != patient.id}
        linked = self._c.execute(
            "select 1 from link where patient=? union all select 1 from link where other=? limit 1",
            (patient.id, patient.id),
        ).fetchone()
        if not wanted and linked is None:
            return {patient.id}  # most people: nothing to join, nothing to part
        touched: set[str] = set()
        held = set()
        for n, one, two, type_ in self._c.execute(
            "select id, patient, other, type from link where undone is null and origin='record'"
            " and (patient=? or (other=? and type='shared'))",
            (patient.id, patient.id),
        ).fetchall():
            other = two if one == patient.id else one
            if (other, type_) in wanted:
                held.add((other, type_))
                continue
            self._c.execute("update link set undone=?, undone_by='source' where id=?", (now, n))
            touched |= {patient.id, other}
        for other, type_ in sorted(wanted - held):
            state = self.state(patient.id, other)
            if state is not None and state.parted:
                continue
            self._c.execute(
                "insert into link(patient, other, type, made, made_by) values(?,?,?,?,'source')",
                (patient.id, other, type_, now),
            )
            touched |= {patient.id, other}
        return self.regroup(touched | {patient.id})

    def _wanted(self, patient: Patient) -> Iterable[tuple[str, str]]:
        for link in patient.links:
            if link.type in JOINING:
                yield patient_id(patient.source, "fhir", link.other.split("/")[-1]), link.type
        if patient.born is None:
            return
        family, given = name_parts(patient)
        for system, value in self._joining_numbers(patient):
            for other, born, their_family, their_given in self._c.execute(
                "select p.id, p.born, p.family, p.given from identifier i join patient p on p.id=i.patient"
                " where i.value=? and i.system=? and p.id<>?",
                (value, system, patient.id),
            ).fetchall():
                same_name = (family and family == their_family) or (given and given == their_given)
                if born == patient.born.text and same_name and self._lets_join(other, system, value):
                    yield other, "shared"

    def _lets_join(self, other: str, system: str, value: str) -> bool:
        """Whether the number joins on the other side too: the rule is the same whoever came first."""
        held = self._patient_of(other)
        return held is not None and (system, value) in set(self._joining_numbers(held))

    @staticmethod
    def _joining_numbers(patient: Patient) -> Iterable[tuple[str, str]]:
        """(system, bare value) of the numbers that rules 2 and 3 let join."""
        number = nhs_of(patient.identifiers)
        is_day = patient.born is not None and patient.born.precision == "day"
        if number is not None and number.status not in _UNTRACED and is_day:
            if nhs_number_is_sound(bare_number(number.value)):
                yield NHS_SYSTEM, bare_number(number.value)
        for identifier in patient.identifiers:
            if identifier.type == "MR" and identifier.system and identifier.value and not nhs_of((identifier,)):
                yield identifier.system, bare_number(identifier.value)

    # -- what messages and people say -----------------------------------------------------------------------------

    def state(self, one: str, other: str) -> PairState | None:
        """What counts between two patients: a person's last decision, else the source's latest word; None: neither."""
        rows = self._c.execute(
            "select undo, patient, other, type, said, made, made_by from link_event where one=? and two=?"
            " order by made_by='source', case when made_by='source' then ord else arrival end desc, arrival desc limit 1",
            _pair(one, other),
        ).fetchall()
        return PairState(bool(rows[0][0]), *rows[0][1:]) if rows else None

    def hear(self, event: LinkEvent, unit: str, now: str) -> tuple[set[str], bool]:
        """Notes a source's word about two patients. Returns all whose person may have changed, and whether it is the
        latest that the source said of them."""
        pair = _pair(event.patient, event.other)
        latest = self._c.execute(
            "select max(ord) from link_event where one=? and two=? and made_by='source'", pair
        ).fetchone()[0]
        self._note(event.patient, event.other, event.type, event.order, event.undo, event.said, unit, now, "source")
        return self._sync(*pair), latest is None or event.order >= latest

    def undo(self, one: str, other: str, *, by: str, now: str) -> set[str]:
        """Undoes every link between two patients, in a person's name. Returns all patients concerned."""
        self._note(one, other, "seealso", 0, True, "", "", now, by)
        return self._sync(one, other)

    def join(self, one: str, other: str, *, by: str, now: str) -> set[str]:
        """Joins two patients in a person's name (`type` seealso). Returns all patients concerned."""
        self._note(one, other, "seealso", 0, False, "", "", now, by)
        return self._sync(one, other)

    def _note(
        self, one: str, other: str, type_: str, order: int, undo: bool, said: str, unit: str, made: str, by: str
    ) -> None:
        self._c.execute(
            "insert into link_event(one, two, patient, other, type, ord, undo, said, unit, made, made_by)"
            " values(?,?,?,?,?,?,?,?,?,?,?)",
            (*_pair(one, other), one, other, type_, order, int(undo), said, unit, made, by),
        )

    def _sync(self, one: str, other: str) -> set[str]:
        """Makes the links between two patients follow what counts between them."""
        state = self.state(one, other)
        assert state is not None
        held = self._c.execute(
            "select id, patient, other, type, origin, made_by from link where undone is null and"
            " ((patient=? and other=?) or (patient=? and other=?))",
            (one, other, other, one),
        ).fetchall()
        origin = "event" if state.by == "source" else "hand"
        wanted = None if state.parted else (state.patient, state.other, state.type, origin, state.by)
        is_held = False
        for n, *what in held:
            if wanted is not None and (what[3] == "record" or tuple(what) == wanted):
                is_held = is_held or tuple(what) == wanted
                continue
            self._c.execute("update link set undone=?, undone_by=? where id=?", (state.made, state.by, n))
        if wanted is not None and not is_held:
            self._c.execute(
                "insert into link(patient, other, type, origin, made_by, said, made) values(?,?,?,?,?,?,?)",
                (*wanted, state.said, state.made),
            )
        return self.regroup({one, other})

    # -- persons ------------------------------------------------------------------------------------------------

    def regroup(self, touched: set[str]) -> set[str]:
        """Sets `person` of everyone linked to `touched`. Returns all whose person changed, and `touched`."""
        changed = set(touched)
        seen: set[str] = set()
        for start in sorted(touched):
            if start in seen:
                continue
            group, survivors = self._component(start)
            seen |= group
            held = [i for i in sorted(group) if self._person(i) is not None]
            if not held:
                continue
            alive = [i for i in held if i in survivors]
            person = (alive or held)[0]
            for one in held:
                if self._person(one) != person:
                    self._c.execute("update patient set person=? where id=?", (person, one))
                    changed |= {one, *held}
        return changed

    def _person(self, patient: str) -> str | None:
        row = self._c.execute("select person from patient where id=?", (patient,)).fetchone()
        return row[0] if row else None

    def group(self, start: str, without: tuple[str, str] | None = None) -> set[str]:
        """Everyone joined to `start`; `without`: as if nothing joined these two directly."""
        return self._component(start, without)[0]

    def _component(self, start: str, without: tuple[str, str] | None = None) -> tuple[set[str], set[str]]:
        """Everyone joined to `start`, and the survivors that sources named."""
        group, todo, replaced, survivors = {start}, [start], set(), set()
        while todo:
            one = todo.pop()
            rows = self._c.execute(
                "select patient, other, type from link where undone is null and (patient=? or other=?)", (one, one)
            ).fetchall()
            for patient, other, type_ in rows:
                if without is not None and {patient, other} == set(without):
                    continue
                if type_ == "replaced-by":
                    replaced.add(patient)
                    survivors.add(other)
                elif type_ == "replaces":
                    replaced.add(other)
                    survivors.add(patient)
                for near in (patient, other):
                    if near not in group:
                        group.add(near)
                        todo.append(near)
        return group, survivors - replaced


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one <= other else (other, one)
