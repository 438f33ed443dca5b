"""Made-up observations for the bedside charts: every sort of set that a source may send, over a day and a clock change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from desktop.forms.model import FormModel
from localdb.chart.views import Chart, Entry, Listing, SourceAge
from localdb.records.moments import from_instant
from localdb.records.vocabulary import Coding, Component, Observation, Problem
from tests.unit.forms import paper

LOINC = paper.LOINC
CODES = {
    "resp": ("9279-1", "Respiration", "/min"), "spo2": ("59408-5", "SpO2", "%"), "pulse": ("8867-4", "Pulse", "/min"),
    "temp": ("8310-5", "Temperature", "Cel"), "news2": ("88330-6", "NEWS2", ""),
    "glucose": ("14743-9", "Glucose, capillary", "mmol/L"), "pain": ("72514-3", "Pain", ""),
}  # fmt: skip
WHOLE = {"resp": "20", "spo2": "96", "oxygen": "Air", "bp": "108/62", "pulse": "104", "acvpu": "Alert", "temp": "38.4"}


def observation(key: str, value: str, at: datetime, **more: object) -> Observation:
    base: dict[str, object] = {
        **paper.ids(),
        "happened": from_instant(at),
        "status": "final",
        "category": "vital-signs",
    }
    if key == "bp":
        high, low = value.split("/")
        parts = tuple(
            Component(codes=(Coding(LOINC, c),), text=t, value=v, unit="mm[Hg]")
            for c, t, v in (("8480-6", "Systolic", high), ("8462-4", "Diastolic", low))
        )
        held: dict[str, object] = {"codes": (Coding(LOINC, "85354-9"),), "text": "Blood pressure", "components": parts}
    elif key == "acvpu":
        held = {"codes": (Coding(LOINC, "67775-7"),), "text": "Consciousness", "value_codes": (Coding("", "", value),)}
    elif key == "oxygen" and not value[0].isdigit():
        held = {"codes": (Coding(LOINC, "3151-8"),), "text": "Air or oxygen", "value_codes": (Coding("", "", value),)}
    elif key == "oxygen":
        held = {"codes": (Coding(LOINC, "3151-8"),), "text": "Oxygen", "value": value, "unit": "L/min"}
    else:
        code, text, unit = CODES[key]
        held = {"codes": (Coding(LOINC, code),), "text": text, "value": value, "unit": unit}
    return Observation(**{**base, **held, **more})  # type: ignore[arg-type]


def taken(at: datetime, score: str = "", without: tuple[str, ...] = (), **values: str) -> list[Observation]:
    """One set: WHOLE, with what is said otherwise, and the score as sent."""
    found = {k: v for k, v in {**WHOLE, **values}.items() if k not in without}
    out = [observation(k, v, at) for k, v in found.items()]
    return out + ([observation("news2", score, at)] if score else [])


def newest_first(items: list[Observation]) -> tuple[Observation, ...]:
    return tuple(sorted(items, key=lambda o: -(o.happened.utc or 0) if o.happened else 0))


def chart(items: list[Observation], **changed: object) -> Chart:
    made = paper.chart(observations=newest_first(items))
    return msgspec.structs.replace(made, **changed)  # type: ignore[arg-type]


def before(hours: float, now: datetime = paper.NOW) -> datetime:
    return now - timedelta(hours=hours)


def typed(at: datetime, n: int = 13, staff: str = "Adaeze Obi", **values: str) -> Entry:
    codes = {"resp": "9279-1", "spo2": "59408-5", "pulse": "8867-4", "temp": "8310-5", "acvpu": "67775-7"}
    items: list[dict[str, object]] = [{"code": codes[k], "value": v} for k, v in values.items() if k in codes]
    return paper.entry(
        "observations", {"items": items}, n, happened=from_instant(at), written=from_instant(at), staff=staff
    )


def child(code: str) -> FormModel:
    who = paper.patient(born=paper.at("2017-05-03"))
    return paper.model(code, chart(taken(before(2), "3") + taken(before(6)), patient=who))


def pregnant(code: str) -> FormModel:
    problem = Problem(**paper.ids(), text="Pregnancy, 31 weeks", clinical="active", happened=paper.at("2026-10"))
    made = paper.chart(
        paper.patient(born=paper.at("1994-02-11")),
        problems=(problem,),
        observations=newest_first(taken(before(2), "1")),
    )
    return paper.model(code, made)


def ageless(code: str) -> FormModel:
    return paper.model(code, chart(taken(before(2), "1"), patient=paper.patient(born=None)))


def scale_2(code: str) -> FormModel:
    items = []
    for hours, oxygen, saturation in (
        (1, "2", "89"),
        (3, "2", "95"),
        (5, "Air", "94"),
        (8, "Air", "87"),
        (9, "28", "98"),
    ):
        made = taken(before(hours), "4", oxygen=oxygen, spo2=saturation)
        items += [
            msgspec.structs.replace(o, comments=("SpO2 scale 2",)) if o.text == "SpO2" else o for o in made
        ]  # fmt: skip
    return paper.model(code, chart(items))


def hostile(code: str) -> FormModel:
    """Other units, limits, comments, absent and preliminary values, long words, two of one time, a part missing."""
    at = before(1)
    items = [
        observation("temp", "101.3", at, unit="[degF]"),
        observation("resp", "60", before(2), comparator=">"),
        observation("spo2", "95", before(2), comments=("probe cold, poor trace; repeated at the ear",)),
        observation("pulse", "128", before(2)),
        observation("pulse", "131", before(2)),
        observation("pulse", "99", at, flag="H"),
        observation("resp", "18", at, status="preliminary"),
        observation("oxygen", "Reservoir mask 15 litres a minute, humidified", at),
        observation("oxygen", "15", before(2)),
        observation("acvpu", "Responds to voice after stimulation, left side only", at),
        observation("acvpu", "Voice", before(2)),
        msgspec.structs.replace(observation("spo2", "0", at), value=None, absent="refused by the patient"),
        observation("bp", "1e3/x", before(2)),
        observation("temp", "36.8", before(3), status="entered-in-error"),
        observation("pulse", "77", before(3), restricted=True),
        observation("glucose", "14.2", before(2), flag="HH"),
        observation("pain", "7", before(2), comments=("moving",)),
        *taken(before(4), "11", without=("acvpu", "temp"), pulse="220", spo2="100"),
        *taken(before(5), "20", temp="34.95", resp="7.5", bp="300/180"),
        *taken(before(6), "x" * 30, temp="36,8"),
    ]
    return paper.model(code, chart(items))


def many(code: str) -> FormModel:
    """A monitor that sends every quarter of an hour, for two days."""
    items = [o for n in range(192) for o in taken(before(n / 4), str(n % 9), pulse=str(60 + n))]
    return paper.model(code, chart(items, entries=()))


def some(code: str) -> FormModel:
    """Sixteen sets: more than a side has columns."""
    return paper.model(
        code, chart([o for n in range(16) for o in taken(before(n + 0.5), str(n), pulse=str(60 + n))], entries=())
    )


def old(code: str) -> FormModel:
    return paper.model(code, chart(taken(before(30), "2") + taken(before(50), "3"), entries=()))


def none_held(code: str) -> FormModel:
    return paper.model(code, paper.chart(observations=Listing("unavailable")))


def nothing(code: str) -> FormModel:
    return paper.model(code, paper.chart(observations=()))


def wrote(code: str) -> FormModel:
    """Two sets of the copy and three that the ward typed, one of them corrected since."""
    entries = (
        typed(before(0.2), 31, resp="24", pulse="118"),
        typed(before(0.5), 30, "José Núñez-Wolfeschlegelstein", temp="38.9"),
        msgspec.structs.replace(typed(before(0.5), 29, temp="83.9"), corrected_by="E0000000000030"),
    )  # fmt: skip
    return paper.model(code, chart(taken(before(3), "5") + taken(before(7), "6"), entries=entries))


AUTUMN = datetime(2026, 10, 25, 1, 20, tzinfo=UTC)  # 01:20 GMT: the second time round
SPRING = datetime(2026, 3, 29, 1, 20, tzinfo=UTC)  # 02:20 BST, after an hour that was not


def on(now: datetime, code: str, chart_: Chart | None = None) -> FormModel:
    """A print at `now`, with sources that reach 34 minutes before."""
    made: tuple[SourceAge, ...] = paper.sources(now - timedelta(minutes=34)) if chart_ is not None else ()
    return paper.model(code, chart_, printed_at=now, sources=made)


def autumn(code: str) -> FormModel:
    """Sets at 00:30 BST, 01:30 BST, 01:10 GMT of the night on which the clocks go back."""
    times = [AUTUMN - timedelta(minutes=m) for m in (110, 50, 10)]
    return on(AUTUMN, code, chart([o for n, t in enumerate(times) for o in taken(t, str(n))]))


def spring(code: str) -> FormModel:
    times = [SPRING - timedelta(minutes=m) for m in (110, 50, 10)]
    return on(SPRING, code, chart([o for n, t in enumerate(times) for o in taken(t, str(n))]))


def neuro_set(at: datetime, e: str, v: str, m: str, total: str = "", **pupils: str) -> list[Observation]:
    base: dict[str, object] = {"happened": from_instant(at), "status": "final", "category": "exam"}

    def one(code: str, text: str, value: str, unit: str = "") -> Observation:
        held: dict[str, object] = {
            "codes": (Coding(LOINC, code),) if code else (),
            "text": text,
            "value": value,
            "unit": unit,
        }
        return Observation(**{**paper.ids(), **base, **held})  # type: ignore[arg-type]

    out = [
        one("9267-6", "GCS eye opening", e),
        one("9270-0", "GCS verbal response", v),
        one("9268-4", "GCS motor response", m),
    ]  # fmt: skip
    out += [one("9269-2", "GCS total", total)] if total else []
    return out + [one("", f"Pupil {k.replace('_', ' ')}", x, "mm" if "size" in k else "") for k, x in pupils.items()]


def neuro(code: str) -> FormModel:
    items = [
        *neuro_set(before(1), "4", "5", "6", "15", right_size="3", left_size="4", right_reaction="brisk",
                   left_reaction="sluggish after a delay"),
        *neuro_set(before(2), "3", "NT", "6", "9"),
        *neuro_set(before(3), "9", "5", "six", "14"),
        *taken(before(3), "5"),
    ]  # fmt: skip
    return paper.model(code, chart(items))


def volume(text: str, value: str, at: datetime, **more: object) -> Observation:
    base: dict[str, object] = {**paper.ids(), "happened": from_instant(at), "status": "final", "text": text}
    return Observation(**{**base, "value": value or None, "unit": "mL", **more})  # type: ignore[arg-type]


def fluid(code: str, now: datetime = paper.NOW) -> FormModel:
    """Amounts of this day and the one before, totals as sent, a restriction, a catheter, a weight."""
    midnight = now.replace(hour=0, minute=0)
    items = [
        volume("Oral intake", "150", midnight + timedelta(minutes=30)),
        volume("IV infusion sodium chloride 0.9 %", "125", midnight + timedelta(hours=1)),
        volume("Urine output, catheter", "60", midnight + timedelta(hours=1), comments=("concentrated",)),
        volume("Urine output, catheter", "35", midnight + timedelta(hours=2, minutes=10)),
        volume("Oral intake", "200", midnight - timedelta(hours=3)),
        volume("Fluid intake total 24 h", "1850", midnight),
        volume("Fluid balance total 24 h", "-420", midnight),
        volume("Fluid output total 24 h", "2270", midnight, restricted=True),
        volume("Fluid restriction", "1500", midnight - timedelta(hours=9), unit="mL in 24 h"),
        volume("Urinary catheter inserted", "", midnight - timedelta(hours=30), absent="14 Ch, day 2"),
        volume("Body weight", "71.5", midnight - timedelta(hours=20), unit="kg", method="bed scales",
               codes=(Coding(LOINC, "29463-7"),)),
    ]  # fmt: skip
    return on(now, code, chart(items))


def fluid_eve(code: str) -> FormModel:
    """Printed in the evening before the clocks go back."""
    return fluid(code, datetime(2026, 10, 24, 20, 5, tzinfo=UTC))


def fluid_flood(code: str) -> FormModel:
    """Forty amounts an hour, with long names."""
    name = "Intravenous infusion of compound sodium lactate with potassium chloride, peripheral line, left forearm"
    items = [
        volume(name if n % 3 else "Urine output", str(n), before(0.8 + n / 40)) for n in range(100)
    ]  # fmt: skip
    return paper.model(code, chart(items))


EVERY = (
    child, pregnant, ageless, scale_2, hostile, many, some, old, none_held, nothing, wrote, autumn, spring, neuro, fluid,
    fluid_eve, fluid_flood,
)  # fmt: skip
