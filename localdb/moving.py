"""Moving images to whose they are: what the copy says of them is put into the entry, then two people write it (issue 8).

Asked of the reading interface, so that images that came under a temporary number of ours, and moves of other laptops, are
seen as the charts show them. Errors: image.unknown, image.same_person, image.moved, patient.*, entry.*.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from localdb.chart.living import identity_of
from localdb.chart.moved import AWAY, HERE
from localdb.chart.views import Chart, Identity
from localdb.errors import InputRefused
from localdb.journal.images import refuse_filled
from localdb.records.vocabulary import ImagingStudy


class Asked(Protocol):
    """What of a `Reading` is asked here."""

    def resolve(self, patient: str) -> str: ...

    def chart(self, patient: str) -> Chart: ...

    def holders(self, study: str) -> tuple[frozenset[str], ...]: ...


def move_body(reading: Asked, patient: str, body: Mapping[str, Any]) -> tuple[Identity, dict[str, Any]]:
    """(whose the images are, the body of a new move with what the copy says). `from` may be any identifier that is unique.

    Raises image.unknown, image.same_person, image.moved, patient.unknown, patient.ambiguous, entry.invalid.
    """
    refuse_filled(body)
    target = reading.chart(reading.resolve(patient)).patient
    named, study = body.get("from"), body.get("study")
    if not isinstance(named, str) or not isinstance(study, str):
        return identity_of(target), dict(body)  # the check of the body names the field
    chart = reading.chart(reading.resolve(named))
    origin = chart.patient
    if origin.id == target.id or set(origin.ids) & set(target.ids):
        raise InputRefused("The images are that patient's already.", code="image.same_person",
                           next_step="Give with `from` the patient under whom the images stand, and with --patient"
                           " whose they are.")  # fmt: skip
    wanted = body.get("series")
    series = set(map(str, wanted)) if isinstance(wanted, list | tuple) else set()
    for told in chart.moved:
        gone = told.way == AWAY and (not series or not told.series or series & set(told.series))
        if told.study == study and (gone or told.way == HERE):
            raise InputRefused(f"Those images were moved already, by entry {told.entry.number}.", code="image.moved",
                               next_step="Undo that move first.")  # fmt: skip
    found = next((r for r in chart.lists["images"].items if isinstance(r, ImagingStudy) and r.uid == study), None)
    if found is None or not series <= {s.uid for s in found.series}:
        raise InputRefused("That patient has no such study or series in this copy.", code="image.unknown",
                           next_step="Give the Study Instance UID that `wardlamp chart` shows for the patient under whom"
                           " the images stand.")  # fmt: skip
    is_rest = any(told.study == study and told.way == AWAY for told in chart.moved)
    if is_rest and not series:  # what is left of it after another move: the rest stays where it went
        series = {s.uid for s in found.series}
    elif not is_rest and series == {s.uid for s in found.series}:
        series = set()
    made = {k: v for k, v in body.items() if k != "series"}
    facts = {
        "examination": found.text, "accession": found.accession, "modality": found.modality,
        "done": found.happened.text if found.happened is not None else "",
    }  # fmt: skip
    made |= {"from": origin.id, "shown": msgspec.to_builtins(identity_of(origin)),
             **{k: v[:500] for k, v in facts.items() if v}}  # fmt: skip
    if series:
        made["series"] = sorted(series)
    return identity_of(target), made


def corrected_body(reading: Asked, patient: str, former: Mapping[str, Any], body: Mapping[str, Any]
                   ) -> tuple[Identity, dict[str, Any]]:  # fmt: skip
    """The body of a correction: the same images, given back (`undone`) or upheld against what sources say now."""
    refuse_filled(body)
    target = reading.chart(reading.resolve(patient)).patient
    made = {**former, **body}
    shown = former.get("shown") or {}
    if not body.get("undone"):
        ours = {target.id, *target.ids, str(former.get("from", "")), *shown.get("ids", ())}
        others = [min(ids) for ids in reading.holders(str(former.get("study", ""))) if not ids & ours]
        made |= {"upheld": sorted(others)} if others else {}
    return identity_of(target), made
