"""A hundred messages of all makers and types, read by hand, compared field by field with the chart (issue 5).

`messages.toml` says what a chart must show of each; nothing in it came from Wardlamp. Each message is filled alone, under
a source of its own, into a real vault: intake, cut, layers, chart. Messages that name the same numbers go into different
vaults, so that none completes or joins another.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop.cli.answer import plain
from localdb.chart.views import Chart, PatientView
from localdb.house import House
from localdb.reading import PatientUnknown
from localdb.records.ids import patient_id
from localdb.records.moments import Moment
from localdb.records.vocabulary import Record
from localdb.sources.hl7v2.reading import read_messages
from localdb.sources.profiles import SourceProfile
from localdb.store.taking import Outcome
from tests.made import new_house

HERE = Path(__file__).parent
MESSAGES: list[dict[str, Any]] = tomllib.loads((HERE / "messages.toml").read_text("utf-8"))["message"]
_BEFORE_MESSAGE = re.compile(rb"(?:^|(?<=[\r\n]))(?=MSH[^A-Za-z0-9\s])")


def name_of(n: int) -> str:
    return f"m{n:03}"


def words_of(message: dict[str, Any]) -> str:
    return f"{Path(message['file']).stem}[{message.get('index', 0)}]"


def bytes_of(data: Path, message: dict[str, Any]) -> bytes:
    """The bytes of one message: the file, or the piece of it that begins with the index-th MSH."""
    whole = (data / "hl7v2" / message["file"]).read_bytes()
    if "index" not in message:
        return whole
    return _BEFORE_MESSAGE.split(whole)[message["index"] + 1 :][0]


def batches(messages: Iterable[tuple[int, dict[str, Any]]]) -> list[list[tuple[int, dict[str, Any]]]]:
    """Messages parted so that no two in one vault name the same number."""
    made: list[list[tuple[int, dict[str, Any]]]] = []
    held: list[set[str]] = []
    for n, message in messages:
        numbers = {k[1] for k in (message.get("key", ["", f"#{n}"]), *message.get("joins", ()))}
        place = next((i for i, seen in enumerate(held) if not seen & numbers), len(made))
        if place == len(made):
            made.append([])
            held.append(set())
        made[place].append((n, message))
        held[place] |= numbers
    return made


class Shown:
    """What became of every message: its outcome, and its charts by patient id."""

    def __init__(self) -> None:
        self.outcomes: dict[int, list[Outcome]] = {}
        self.charts: dict[int, Chart | None] = {}


def fill(house: House, data: Path, batch: list[tuple[int, dict[str, Any]]], shown: Shown) -> None:
    with house.intake() as intake:
        for n, message in batch:
            reading = read_messages(message["file"], bytes_of(data, message), name_of(n), SourceProfile())
            shown.outcomes[n] = intake.take(reading)
            intake.advance_clock(name_of(n), {f.kind for u in reading.units for f in u.facts}, reading.cut)
        intake.commit()
    house.cut()
    reader = house.reading()
    try:
        for n, message in batch:
            if "key" in message:
                try:
                    shown.charts[n] = reader.chart(patient_id(name_of(n), *message["key"]))
                except PatientUnknown:
                    shown.charts[n] = None
    finally:
        reader.close()


@pytest.fixture(scope="module")
def shown(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    made = Shown()
    for batch in batches(enumerate(MESSAGES)):
        vault = tmp_path_factory.mktemp("hundred") / "vault"
        house = new_house(vault)
        try:
            fill(house, data_dir, batch, made)
        finally:
            house.close()
    return made


def as_clock_shows(moment: Moment | None) -> str:
    """A moment on its sender's clock, as precise as it was sent, with the offset where one was sent."""
    local = moment.local if moment else None
    if moment is None or local is None:
        return ""
    forms = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d", "minute": "%Y-%m-%d %H:%M"}
    text = local.strftime(forms.get(moment.precision, "%Y-%m-%d %H:%M:%S"))
    if moment.offset is not None:
        text += local.strftime(" %z")[:4] + ":" + local.strftime("%z")[3:]
    return text


def everything(record: msgspec.Struct) -> str:
    """All texts of an item, one after another."""
    out: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)
        elif isinstance(value, str):
            out.append(value)

    walk(plain(record))
    return "\n".join(out)


def value_of(record: Record, field: str) -> Any:
    if field == "code":
        return [c.code for c in record.codes]
    found = getattr(record, field, None)
    if isinstance(found, Moment) or field in ("happened", "ended", "said"):
        return as_clock_shows(found)
    if field == "comments":  # NTEs that follow one another are the lines of one comment
        return [line for comment in record.comments for line in comment.split("\n")]
    if isinstance(found, tuple):
        return list(found)
    return "" if found is None else found


def differences(record: Record, wanted: dict[str, Any]) -> list[str]:
    out = []
    for field, value in wanted.items():
        if field in ("in", "times"):
            continue
        if field == "says":
            if value not in everything(record):
                out.append(f"does not say {value!r}")
        elif field == "code":
            if value not in value_of(record, "code"):
                out.append(f"code: {value!r} is not among {value_of(record, 'code')!r}")
        elif field.endswith("_has"):
            found = value_of(record, field.removesuffix("_has"))
            if value not in found:
                out.append(f"{field.removesuffix('_has')}: {value!r} is not in {found!r}")
        elif value_of(record, field) != value:
            out.append(f"{field}: {value!r} was sent, {value_of(record, field)!r} is shown")
    return out


def person_differences(view: PatientView, wanted: dict[str, Any]) -> list[str]:
    shown = {
        "name": f"{view.name.family}, {' '.join(view.name.given)}",
        "prefix": " ".join(view.name.prefix),
        "suffix": " ".join(view.name.suffix),
        "born": as_clock_shows(view.born)[:10],
        "died": as_clock_shows(view.deceased),
        "nhs": view.nhs or "",
        "mrn": view.mrn or "",
        "consultant": view.consultant,
        "address": view.address,
        "contact": " ".join(c.name for c in view.contacts),
    }
    out = []
    for field, value in wanted.items():
        found = shown.get(field.removesuffix("_has"), getattr(view, field, ""))
        if value not in found if field.endswith("_has") else found != value:
            out.append(f"{field}: {value!r} was sent, {found!r} is shown")
    return out


def test_there_are_a_hundred_of_all_makers():
    assert len(MESSAGES) == 100
    assert len({(m["file"], m.get("index", 0)) for m in MESSAGES}) == 100
    assert {m["file"].split("/")[0] for m in MESSAGES} == {
        "simhospital", "hapi", "linuxforhealth", "ms-fhir-converter", "reportstream",
    }  # fmt: skip


@pytest.mark.parametrize(("n", "message"), list(enumerate(MESSAGES)), ids=[words_of(m) for m in MESSAGES])
def test_the_chart_shows_what_was_sent(shown: Shown, n: int, message: dict[str, Any]):
    (outcome,) = shown.outcomes[n]
    expected = message.get("outcome", "taken")
    assert (outcome.outcome, outcome.code) == (expected, message.get("code", "")), outcome.reason
    if "key" not in message:
        return
    chart = shown.charts[n]
    assert chart is not None, "nobody has the number that was sent"
    found = person_differences(chart.patient, message.get("person", {}))
    for assigner, value in message.get("joins", ()):
        if patient_id(name_of(n), assigner, value) not in chart.patient.ids:
            found.append(f"the number {value!r} does not find this person")
    for wanted in message.get("has", ()):
        items = [r for name in wanted["in"].split("|") for r in chart.lists[name].items]
        unlike = [differences(r, wanted) for r in items]
        if sum(not u for u in unlike) != wanted.get("times", 1):
            nearest = min(unlike, key=len, default=["there is no item"])
            found.append(f"{sum(not u for u in unlike)} of {len(items)} are {wanted}; the nearest: {nearest}")
    for name, number in message.get("count", {}).items():
        if len(chart.lists[name].items) != number:
            found.append(f"{name}: {number} were sent, {len(chart.lists[name].items)} are shown")
    assert not found, "\n".join(found)
