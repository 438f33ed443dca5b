"""Which of the four allergy states holds, and its exact words (CLINICAL §1.1 PAB-0064, §1.5; hazard H06). No Qt.

Rules: "No known allergies" only from an explicit assertion that stands, with its author and time; an empty list is
"not recorded" at best; a source that failed or never came is "unavailable". The list's own state is not enough: it is
weighed again against the records and the sources, so that one mistake below cannot make a patient safe.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from desktop.patient.words import section_age, short
from localdb.chart import wording
from localdb.chart.registered import ASK, NOT_IN_ANY_COPY, REGISTERED
from localdb.chart.staleness import NEVER
from localdb.chart.views import KNOWN, NOT_RECORDED, UNAVAILABLE, Chart
from localdb.records.vocabulary import Allergy

TITLES = {
    "known": "Known allergies",
    "none": "No known allergies",
    "not_recorded": "Allergies not recorded",
    "unavailable": "Allergies unavailable",
}
ICONS = {
    "known": "known allergy",
    "none": "none known",
    "not_recorded": "not recorded",
    "unavailable": "unavailable",
}


class AllergyItem(NamedTuple):
    """One allergy: agent, what it did, when it was last said. All as sent."""

    agent: str
    reaction: str
    said: str


class AllergyWords(NamedTuple):
    """`state` known / none / not_recorded / unavailable; `items` for known, else `text`; `former` the inactive and
    refuted ones, shown struck through on request; `beside` assertions of none that do not make the state (of food alone,
    or contradicted by an allergy): in the details, in their own words (CLINICAL §1.5)."""

    state: str
    items: tuple[AllergyItem, ...] = ()
    text: str = ""
    former: tuple[AllergyItem, ...] = ()
    beside: tuple[AllergyItem, ...] = ()

    @property
    def title(self) -> str:
        return TITLES[self.state]

    @property
    def icon(self) -> str:
        return ICONS[self.state]

    @property
    def spoken(self) -> str:
        told = "; ".join(f"{i.agent} {i.reaction} {i.said}".strip() for i in self.items)
        return f"{self.title}. {told or self.text}"


def stands(allergy: Allergy) -> bool:
    """Whether it is active and neither refuted nor entered in error. What was not said counts as active."""
    return allergy.clinical.casefold() not in ("inactive", "resolved") and allergy.verification.casefold() not in (
        "refuted",
        "entered-in-error",
    )


def allergy_words(chart: Chart, now: datetime) -> AllergyWords:
    """The one state that may be shown for `chart`."""
    listing = chart.lists["allergies"]
    held = [a for a in listing.items if isinstance(a, Allergy)]
    known = tuple(_item(a, now) for a in held if stands(a) and not a.asserts_none)
    former = tuple(_item(a, now) for a in held if not stands(a) and not a.asserts_none)
    asserted = [a for a in held if a.asserts_none and stands(a)]
    beside = tuple(_item(a, now) for a in asserted)
    if known:
        return AllergyWords("known", known, former=former, beside=beside)
    if chart.patient.scope == REGISTERED:
        return AllergyWords("unavailable", text=f"{NOT_IN_ANY_COPY} {ASK}")
    told = [s for s in chart.sources if "allergy" in s.kinds]
    failed = not told or any(s.state in ("failed", "never") for s in told)
    if listing.state == UNAVAILABLE or failed:
        return AllergyWords("unavailable", text=_unavailable(chart, now), former=former, beside=beside)
    if asserted and listing.state not in (NOT_RECORDED, KNOWN):
        newest = max(asserted, key=lambda a: (a.said or a.happened).utc or 0 if (a.said or a.happened) else 0)
        by = newest.author or "author not recorded"
        when = wording.date_time(newest.said or newest.happened, missing="time not recorded")
        said = f"{newest.text or 'No known adverse drug reaction risks'}, said by {by}, {when}"
        others = tuple(_item(a, now) for a in asserted if a is not newest)
        return AllergyWords("none", text=said, former=former, beside=others)
    age = section_age(chart, now, "allergy")
    upto = "in a copy of unknown time" if age.state == NEVER else f"up to {age.text}"
    return AllergyWords(
        "not_recorded", text=f"Ask the patient or carer. No entry {upto}.", former=former, beside=beside
    )


def _unavailable(chart: Chart, now: datetime) -> str:
    told = [s for s in chart.sources if "allergy" in s.kinds]
    if not told:
        return "No source of allergies has ever come to this laptop. Ask the patient or carer."
    heard = [s.heartbeat or s.last_message or s.cut for s in told]
    newest = max((m for m in heard if m is not None), key=lambda m: m.utc or 0, default=None)
    since = f"not heard from since {short(newest, now)}" if newest else "never heard from"
    return f"{', '.join(s.source for s in told)} {since}. Ask the patient or carer."


def _item(allergy: Allergy, now: datetime) -> AllergyItem:
    words = [" + ".join(allergy.reactions), allergy.severity, allergy.type if allergy.type == "intolerance" else ""]
    if allergy.criticality == "high":
        words.append("high risk")
    if allergy.verification.casefold() in ("unconfirmed", "presumed"):
        words.append(allergy.verification)
    moment = allergy.said or allergy.happened
    return AllergyItem(
        allergy.text or "agent not sent",
        ", ".join(w for w in words if w) or "reaction not recorded",
        wording.date(moment, missing="date not recorded"),
    )
