"""Who is one person: link events, made and undone, and the written rule for shared identifiers (DESIGN D2).

The rules, in full:
1. A source's own word joins two of its patients (FHIR `Patient.link` replaced-by, replaces, seealso; later HL7 v2 A40).
   `refer` does not join.
2. Two patients with the same NHS number join when the number is sound (Modulus 11) and not marked by its source as
   failed to trace, both birth dates were sent as whole days and are equal, and the family name or the first given
   name is equal. Names only ever hold such a join back; they never make one.
3. Two patients with the same hospital number (type MR, the same non-empty system) join when both birth dates were sent
   and are equal to the letter (an estimated year too), and the family name or the first given name is equal.
4. Nothing else joins. Each join is an event that can be undone; undoing it marks everyone concerned as changed.

A person's id is the survivor that a source named, else the smallest id.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from localdb.chart.assembly import NHS_SYSTEM, nhs_of, shown_name
from localdb.records.ids import nhs_number_is_sound, patient_id
from localdb.records.vocabulary import Patient
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


def conflicts(held: Patient, new: Patient) -> bool:
    """The same key for two people: other name *and* other birth date and no identifier in common (D2)."""
    if held.born is None or new.born is None or held.born.text == new.born.text:
        return False
    families = {fold(n.family or n.text) for n in held.names} & {fold(n.family or n.text) for n in new.names}
    if families or not held.names or not new.names:
        return False
    mine = {(i.system, i.value) for i in held.identifiers if i.value}
    return not mine & {(i.system, i.value) for i in new.identifiers if i.value}


class Links:
    """Link events of the intake and the persons that follow from them. Used by the intake's owner only."""

    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def relate(self, patient: Patient, now: str) -> set[str]:
        """Brings the links of a patient just taken up to date. Returns all patients whose person may have changed."""
        wanted = {(p, t) for p, t in self._wanted(patient) if p != patient.id}
        linked = self._c.execute(
            "select 1 from link where patient=? union all select 1 from link where other=? limit 1",
            (patient.id, patient.id),
        ).fetchone()
        if not wanted and linked is None:
            return {patient.id}  # most people: nothing to join, nothing to part
        held = {
            (other, type_): n
            for n, other, type_ in self._c.execute(
                "select id, other, type from link where patient=? and undone is null", (patient.id,)
            )
        }
        touched: set[str] = set()
        for (other, _), n in ((k, n) for k, n in held.items() if k not in wanted):
            self._c.execute("update link set undone=?, undone_by='source' where id=?", (now, n))
            touched |= {patient.id, other}
        for other, type_ in sorted(wanted - set(held)):
            if self._undone_by_hand(patient.id, other):
                continue
            self._c.execute(
                "insert into link(patient, other, type, made, made_by) values(?,?,?,?,'source')",
                (patient.id, other, type_, now),
            )
            touched |= {patient.id, other}
        return self.regroup(touched | {patient.id})

    def _undone_by_hand(self, one: str, other: str) -> bool:
        """A person's undoing outlasts a source that keeps saying the same."""
        found = self._c.execute(
            "select 1 from link where undone is not null and undone_by<>'source' and"
            " ((patient=? and other=?) or (patient=? and other=?))",
            (one, other, other, one),
        ).fetchone()
        return found is not None

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
                if born == patient.born.text and same_name:
                    yield other, "shared"

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

    def _component(self, start: str) -> tuple[set[str], set[str]]:
        """Everyone joined to `start`, and the survivors that sources named."""
        group, todo, replaced, survivors = {start}, [start], set(), set()
        while todo:
            one = todo.pop()
            rows = self._c.execute(
                "select patient, other, type from link where undone is null and (patient=? or other=?)", (one, one)
            ).fetchall()
            for patient, other, type_ in rows:
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

    def undo(self, one: str, other: str, *, by: str, now: str) -> set[str]:
        """Undoes every link between two patients, in a person's name. Returns all patients concerned."""
        self._c.execute(
            "update link set undone=?, undone_by=? where undone is null and"
            " ((patient=? and other=?) or (patient=? and other=?))",
            (now, by, one, other, other, one),
        )
        return self.regroup({one, other})

    def join(self, one: str, other: str, *, by: str, now: str) -> set[str]:
        """Joins two patients in a person's name (`type` seealso). Returns all patients concerned."""
        self._c.execute(
            "insert into link(patient, other, type, made, made_by) values(?,?,'seealso',?,?)", (one, other, now, by)
        )
        return self.regroup({one, other})
