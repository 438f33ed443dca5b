"""Organism × antibiotic: susceptibilities stand with the organism that they are of (CLINICAL §3.3).

Two forms are sent. Parent and child: an OBR of its own names the organism's OBX in OBR-26 (parent result: code, sub-id,
words). Flat: the antibiotics stand in the organism's OBR under its sub-id (OBX-4). Where the organism cannot be found
they stand as results of their own, so that none is lost or set beside the wrong one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from localdb.records.vocabulary import Coding, Component, Observation
from localdb.sources.hl7v2.grouping import Order
from localdb.sources.hl7v2.message import Segment
from localdb.sources.hl7v2.statuses import WITHDRAWN
from localdb.sources.hl7v2.values import CODED, kind_of

if TYPE_CHECKING:
    from localdb.sources.hl7v2.results import Made

# Table 0078: what is said of an antibiotic. "I" and "S" alone mean something else elsewhere, so words are needed too.
_SURE = frozenset({"R", "MS", "VS", "SDD", "NS", "S-DD"})
_LETTERS = _SURE | {"S", "I"}
_WORDS = re.compile(
    r"suscept|\bMIC\b|minimum inhibitory|zone diam|antibiogram|disk diffusion|gradient strip|\bAST\b", re.I
)
_ORGANISM = re.compile(r"organism|bacteria|culture|isolate|microorganism|fung|yeast", re.I)
_V2_0078 = "http://terminology.hl7.org/CodeSystem/v2-0078"


def with_susceptibilities(whole: list[tuple[Order, str, list[Made]]]) -> list[tuple[Order, str, list[Made]]]:
    """The same orders, antibiotics moved into the organism's result as components."""
    organisms = [m for _, _, made in whole for m in made if _is_organism(m)]
    if not organisms:
        return whole
    out = []
    for order, base, made in whole:
        kept = []
        panel = _names_susceptibility(order)
        for one in made:
            parent = _parent(order, one, organisms, made) if is_susceptibility(one.obx, panel) else None
            if parent is None or parent is one or one.record.status in (WITHDRAWN, "cancelled"):
                kept.append(one)
            else:
                _add(parent, one)
        out.append((order, base, kept))
    return out


def is_susceptibility(obx: Segment, panel: bool = False) -> bool:
    """Whether an OBX says how an organism reacts to an antibiotic."""
    letters = obx.text(8).upper()
    named = panel or bool(_WORDS.search(f"{obx.text(3, 2)} {obx.text(3, 5)}"))
    return letters in _SURE or (named and (letters in _LETTERS or kind_of(obx) in ("SN", "NM") or not letters))


def _names_susceptibility(order: Order) -> bool:
    obr = order.obr
    return obr is not None and bool(_WORDS.search(f"{obr.text(4, 2)} {obr.text(4, 5)}"))


def _is_organism(one: Made) -> bool:
    """A coded or named finding of a culture: what is not itself a susceptibility."""
    obx = one.obx
    if one.record.value is None or is_susceptibility(obx) or kind_of(obx) not in CODED | {"ST", "TX"}:
        return False
    return bool(_ORGANISM.search(f"{obx.text(3, 2)} {obx.text(3, 5)} {obx.text(3, 1)}"))


def _parent(order: Order, one: Made, organisms: list[Made], same: list[Made]) -> Made | None:
    obr = order.obr
    if obr is not None and obr.raw(26).strip():
        codes = {obr.text(26, 1, n) for n in (1, 4)} - {""}
        sub, words = obr.text(26, 2), obr.text(26, 3).casefold()
        near = [m for m in organisms if not codes or codes & {m.obx.text(3, 1), m.obx.text(3, 4)}]
        exact = [m for m in near if m.obx.text(4) == sub]
        if len(exact) > 1 and words:
            exact = [m for m in exact if _said(m) == words] or exact
        if not exact and words:
            exact = [m for m in near if _said(m) == words]
        return exact[0] if len(exact) == 1 else None
    sub = one.obx.text(4)
    mine = [m for m in organisms if any(m is s for s in same)]
    if not sub:
        return mine[0] if len(mine) == 1 else None
    roots = [m for m in mine if m.obx.text(4) and (m.obx.text(4) == sub or sub.startswith(f"{m.obx.text(4)}."))]
    return roots[0] if len(roots) == 1 else None


def _said(one: Made) -> str:
    return (one.record.value or "").casefold()


def _add(parent: Made, one: Made) -> None:
    """`one` as a component of `parent`. What is preliminary in the part makes the whole preliminary: less is not said."""
    part, record = one.record, parent.record
    codes, value = part.value_codes, part.value
    if value is None and part.flag:
        words = one.obx.text(8, 2) or part.flag
        codes, value = (Coding(_V2_0078, part.flag, words),), words
    component = Component(
        codes=part.codes, text=part.text, value=value, comparator=part.comparator, unit=part.unit, range=part.range,
        flag=part.flag, value_codes=codes, absent=part.absent,
    )  # fmt: skip
    status = "preliminary" if part.status == "preliminary" and record.status in ("final", "") else record.status
    comments = tuple(f"{part.text}: {c}" for c in part.comments)
    method = part.method if part.method and part.method not in record.method else ""
    parent.record = _replaced(record, component, status, comments, method)
    parent.tie = min(parent.tie, one.tie) if status == "preliminary" else parent.tie


def _replaced(
    record: Observation, component: Component, status: str, comments: tuple[str, ...], method: str
) -> Observation:
    return msgspec.structs.replace(
        record,
        components=(*record.components, component),
        status=status,
        comments=(*record.comments, *comments),
        method=record.method or method,
    )
