"""F20 Nursing admission assessment, four sides (CLINICAL §6): identity, person, skin with a body map, risks, lines, needs.

Tools of the site (Waterlow or PURPOSE-T, MUST, falls, moving) are scored on the site's own wording: here is the box for
what came out, and nothing is added up. Safeguarding is a prompt only: what is recorded of it stays off paper (§1.5).
"""

from __future__ import annotations

from desktop.forms import copied
from desktop.forms import outline as o
from desktop.forms.blanks import DATE, TIME, Field
from desktop.forms.blanks import writing as writing_block
from desktop.forms.blocks import Block, Strip
from desktop.forms.body_map import body_map
from desktop.forms.known import Topic, known, told, untold
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import (
    Author,
    Facts,
    Fields,
    Fitted,
    Heading,
    NewSide,
    Own,
    Part,
    Ruled,
    Space,
    Writing,
    form_of,
)
from desktop.forms.person_known import address_text, alerts_section, gp_text, kin_text, place_text
from desktop.forms.sheet import Sheet
from desktop.forms.tables import Cell, Column
from desktop.forms.type import Style, glued, wrap
from localdb.chart import wording

HEIGHTS = (20, 18.5, 17, 16)  # of a row of fields: the first that needs the fewest sides
LISTS = ("alerts", "problems", "observations")
_YES = ("yes", "no")
WORDS = {
    "Skin": r"pressure (?:ulcer|injur|damage)|wound|waterlow|purpose.?t|\bskin tear|\bulcer of",
    "Falls": r"\bfalls?\b",
    "Nutrition": r"\bMUST\b|malnutrition|swallow|dysphagia|nil by mouth|\bNBM\b|\bdiet\b|thickened|\bPEG\b|feeding tube",
    "Moving": r"hoist|mobility|transfer aid|bariatric|weight.?bearing",
    "Continence": r"continen|catheter|stoma|colostom|ileostom",
    "Lines": r"cannula|\bPICC\b|central line|\bport\b|catheter|drain|\bVIP\b",
    "Infection": r"\bMRSA\b|\bCPE\b|\bC\. ?diff|clostridioides|\bGRE\b|\bVRE\b|\bESBL\b|tubercul|norovirus|covid|"
    r"influenza|isolat|side room|barrier",
    "Dementia, learning disability": r"dementia|delirium|learning disab|autis|reasonable adjust|4AT",
    "Communication": r"interpreter|hearing|deaf|blind|sight|vision|sensory|aphasia|dysphasia|communicat",
}
BELONGINGS = ("Glasses", "Hearing aids", "Dentures", "Walking aid", "Jewellery", "Money", "Phone", "Own medicines")
LIVING = ("Washing, dressing", "Eating, drinking", "Toilet", "Walking", "Stairs", "Sleep", "Medicines at home")
LINES = ("Cannula 1", "Cannula 2", "Central line, PICC", "Urinary catheter", "Tube, drain, stoma")


def parts(model: FormModel) -> list[Part]:
    return [Fitted(lambda high: _sides(model, high), HEIGHTS)]


def _sides(model: FormModel, high: float) -> list[Part]:
    side: list[Part] = [NewSide()] if model.blank else [Space(6)]
    return [*_person(model, high), *side, *_skin(model, high), *side, *_risks(model, high), *side, *_needs(model, high)]


def _topic(model: FormModel, name: str) -> Topic:
    return Topic(name, copied.named(model, WORDS[name], *LISTS), LISTS)


def _told(model: FormModel, name: str) -> list[Part]:
    return list(told(model, _topic(model, name)))


def _person(model: FormModel, high: float) -> list[Part]:
    """Side 1: who it is, what they brought, whom to call, how to talk, what they could do before."""
    chart = model.chart
    languages = wording.clean(", ".join(chart.patient.languages)) if chart is not None else ""
    topics = [_topic(model, name) for name in WORDS]
    return [
        Fields(Field(f"Arrived  {DATE}  {TIME}", 0.32, ruled=False), Field("From", 0.26),
               Field("Place", 0.42, place_text(model)), height=high),
        Fields(Field("Identity checked", 0.7, ticks=("asked name and birth date", "band on", "band agrees with notes"),
                     ruled=False), Field("by", 0.3), height=high),
        *untold(model, topics, ("patient", "alert", "problem", "observation")),
        *([Facts(alerts_section(model, "Alerts in the copy"))] if chart is not None else []),
        known(model, "Next of kin, whom to call", kin_text(model), height=high),
        Fields(Field("Told of the admission", 0.4, ticks=_YES, ruled=False), Field("by, when", 0.6), height=high),
        known(model, "Address, phone", address_text(model), height=high),
        known(model, "GP", gp_text(model), height=high),
        Heading("Property"),
        Ruled((Column("Brought", 0.2), Column("Yes, no", 0.1), Column("What, where kept", 0.2), Column("Brought", 0.2),
               Column("Yes, no", 0.1), Column("What, where kept", 0.2)), _pairs(BELONGINGS), pitch=high - 1),
        Fields(Field("Valuables listed and receipt given", 0.5, ticks=_YES, ruled=False), Field("two signatures", 0.5),
               height=high),
        Heading("Communication"),
        Fields(Field("Language", 0.5, languages), Field("Interpreter", 0.5, ticks=_YES, ruled=False), height=high),
        Fields(Field("Hearing", 0.34), Field("Sight", 0.33), Field("Speech", 0.33), height=high),
        *_told(model, "Communication"),
        Heading("At home before"),
        Ruled((Column("Daily living", 0.28), Column("Alone, with help, cannot", 0.36), Column("Aids, who helps", 0.36)),
              tuple((tr(t), "", "") for t in LIVING), pitch=high - 1),
    ]  # fmt: skip


def _pairs(names: tuple[str, ...]) -> tuple[tuple[str | Cell, ...], ...]:
    """Two names a row, each with its two cells to write in."""
    return tuple((tr(a), "", "", tr(b), "", "") for a, b in zip(names[::2], names[1::2], strict=True))


def _skin(model: FormModel, high: float) -> list[Part]:
    """Side 2: skin and pressure risk, with the body map."""
    return [
        Heading("Skin"),
        *_told(model, "Skin"),
        Fields(Field("Pressure risk tool of this hospital", 0.42), Field("total or outcome", 0.3),
               Field("seen by two", 0.28), height=high),
        Fields(Field("All skin seen", 0.34, ticks=_YES, ruled=False), Field("if not, why", 0.66), height=high),
        Own(lambda wide: [_map_and_list(wide, high * 15.8)], _map_said()),
        Fields(Field("Mattress, cushion", 0.5), Field("turn every", 0.25),
               Field("heels off", 0.25, ticks=_YES, ruled=False),
               height=high),
        Fields(Field("Reported, referred", 0.6), Field("photograph", 0.4, ticks=_YES, ruled=False), height=high),
        Writing("Plan for the skin", 2),
    ]  # fmt: skip


_MAP_ROWS, _KEY = 8, Style("regular", 8.5)
_MAP_WORDS = ("Front", "Back", "right", "left")
_MAP_KEY = "Number on the map: what it is, size, depth or category"


def _map_said() -> tuple[o.Row, ...]:
    return tuple(o.Pair(left=tr(t)) for t in (_MAP_KEY, *_MAP_WORDS))


def _map_and_list(wide: float, high: float) -> Block:
    """The figures at the left, numbered lines at the right: one block, so that mark and words stay together."""
    left = wide * 0.56
    figures = body_map(left, high)
    room = wide - left - 12
    head = wrap([(glued(tr(_MAP_KEY)), _KEY)], room)
    rows = [writing_block(room, f"{n + 1}", 1, high / 10) for n in range(_MAP_ROWS)]

    def draw(sheet: Sheet, x: float, y: float) -> None:
        figures.draw(sheet, x, y + 4)
        for n, line in enumerate(head):
            sheet.text(x + left + 12, y + 14 + n * 11, line.spans)
        for n, row in enumerate(rows):
            row.draw(sheet, x + left + 12, y + 14 + len(head) * 11 + n * high / 10)

    return Block((Strip(high + 8, draw),))


def _risks(model: FormModel, high: float) -> list[Part]:
    """Side 3: falls, nutrition, moving, continence, lines."""
    weight, height = copied.measure(model, "Weight"), copied.measure(model, "Height")
    return [
        Heading("Falls"),
        *_told(model, "Falls"),
        Fields(Field("65 or over, or at risk", 0.36, ticks=_YES, ruled=False),
               Field("Fell in the last year", 0.36, ticks=_YES, ruled=False), Field("how often", 0.28), height=high),
        Fields(Field("BP lying", 0.2), Field("standing", 0.2), Field("Bed rails", 0.28, ticks=_YES, ruled=False),
               Field("why, sign", 0.32), height=high),
        Writing("Plan against falls", 1),
        Heading("Nutrition"),
        *_told(model, "Nutrition"),
        *([known(model, "Weight and height, in the copy",
                 [*copied.labelled(tr("weight"), weight), *copied.labelled(tr("height"), height)]
                 or copied.absent(model.chart, "observations"), "observation")] if model.chart is not None else []),
        Fields(Field("Weight kg", 0.25), Field("measured", 0.25, ticks=_YES, ruled=False), Field("Height cm", 0.25),
               Field("MUST total", 0.25), height=high),
        Fields(Field("Diet, fluids, texture", 0.4), Field("Swallow safe", 0.3, ticks=_YES, ruled=False),
               Field("Nil by mouth", 0.3, ticks=_YES, ruled=False), height=high),
        Writing("Plan for food and drink", 1),
        Heading("Moving"),
        *_told(model, "Moving"),
        Fields(Field("Walks with", 0.4), Field("In and out of bed", 0.35), Field("Hoist, sling", 0.25), height=high),
        Fields(Field("Moving tool of this hospital, outcome", 0.6), Field("staff needed", 0.4), height=high),
        Writing("Plan for moving", 1),
        Heading("Continence"),
        *_told(model, "Continence"),
        Fields(Field("Urine", 0.34), Field("Bowels, last open", 0.36), Field("Stool type 1-7", 0.3), height=high),
        Writing("Plan for continence", 1),
        Heading("Lines, catheter, tubes"),
        *_told(model, "Lines"),
        Ruled((Column("What", 0.22), Column("Where, size", 0.26), Column("In since", 0.18), Column("VIP 0-5", 0.12),
               Column("Still needed, plan", 0.22)), tuple((tr(t), "", "", "", "") for t in LINES), pitch=high),
    ]  # fmt: skip


def _needs(model: FormModel, high: float) -> list[Part]:
    """Side 4: infection, safeguarding, memory, what matters, who signs."""
    return [
        Heading("Infection"),
        *_told(model, "Infection"),
        Fields(Field("Diarrhoea or vomiting", 0.34, ticks=_YES, ruled=False),
               Field("Fever, cough", 0.32, ticks=_YES, ruled=False), Field("Abroad, other hospital", 0.34), height=high),
        Fields(Field("Screens sent: MRSA", 0.3, ticks=_YES, ruled=False), Field("CPE", 0.2, ticks=_YES, ruled=False),
               Field("other", 0.22), Field("Isolated, where", 0.28), height=high),
        Heading("Safeguarding"),
        Fields(Field("Asked alone: safe at home", 0.5, ticks=("yes", "no", "not asked"), ruled=False),
               Field("Depend on them: children, others", 0.5), height=high),
        Fields(Field("Concern", 0.26, ticks=_YES, ruled=False), Field("told: name, bleep", 0.44),
               Field("form of its own", 0.3, ticks=_YES, ruled=False), height=high),
        Heading("Memory, learning disability"),
        *_told(model, "Dementia, learning disability"),
        Fields(Field("More confused than usual", 0.36, ticks=_YES, ruled=False), Field("4AT total", 0.24),
               Field("This-is-me or passport here", 0.4, ticks=_YES, ruled=False), height=high),
        Fields(Field("Adjustments needed", 1.0), height=high),
        Fields(Field("Pain at rest 0-10", 0.3), Field("moving", 0.2), Field("where", 0.5), height=high),
        Fields(Field("Wants home to be ready", 0.55), Field("Expected to leave", 0.45), height=high),
        Author(),
        Heading("What matters to the patient, and the plan of care"),
        Ruled((Column("Need", 0.3), Column("Plan", 0.46), Column("From, by", 0.24)), blank=6, fills=True),
    ]  # fmt: skip


FORM = form_of(
    parts, code="F20", title="Nursing assessment", use="Four sides. Tools in the words of this hospital.",
    back_entry="line",
)  # fmt: skip
