"""F31 Downtime incident log and action card: what is down since when, who said so, what to do, what happened (CLINICAL §6).

Systems and times are those that people declared (DESIGN D5); numbers are from the site's telephone directory. The steps
are generic: the site's own plan, where it has one, goes first.
"""

from __future__ import annotations

from desktop.forms import outline as o
from desktop.forms.blanks import DATE, TIME, Field
from desktop.forms.chart_text import short
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Facts, Fields, Heading, NewSide, Part, Ruled, Space, Ticks, form_of
from desktop.forms.tables import Cell, Column
from desktop.forms.type import Style
from localdb.chart import staleness, wording
from localdb.chart.in_flight import began
from localdb.chart.struck import title_of
from localdb.chart.views import SourceAge

# In the order in which the first hour needs them (CLINICAL §7.1, §7.3; FIELD, the first hour).
STEPS = (
    "Name one coordinator for the ward",
    "Declare each system that is down in Wardlamp",
    "Print the ward: census, summaries, charts",
    "Hand out blank forms, sign them out on F29",
    "Tell laboratory, pharmacy, blood bank, imaging",
    "Agree who phones results, and to whom",
    "New patients: F28, number before specimen",
    "Write every move on F26, as it happens",
    "Count printers, paper, toner, laptops charged",
    "Brief each shift; keep this log running",
    "Back: stop paper at one time, for all",
    "Back: enter moves first, then F29 to balance",
)
SYSTEMS = (Column("System", 0.2), Column("State, as declared", 0.42), Column("Copy complete to", 0.2),
           Column("Back: date, time, by", 0.18))  # fmt: skip
LOG = (
    Column("Time", 0.09), Column("Kind", 0.13), Column("What happened, was decided or said", 0.46),
    Column("By, to whom", 0.17), Column("Done, time", 0.15),
)  # fmt: skip
KINDS = "M message · D decision · N near miss · S staffing · P printer or paper fault · O other"
CONTACTS = (Column("Who", 0.19), Column("Number", 0.15), Column("Hours", 0.16)) * 2
_SMALL = Style("regular", 10)
MOST = 24


def parts(model: FormModel) -> list[Part]:
    systems = tuple(_system(model, s) for s in model.sources) if model.incident is not None else ()
    first = began(model.sources) if model.incident is not None else None
    started = (
        Field(f"Started  {DATE}  {TIME}", 0.32, ruled=False)
        if first is None
        else Field("First declared", 0.32, wording.instant_text(first, model.site.zone))
    )
    return [
        Fields(Field("Incident no.", 0.4, model.site.incident), started,
               Field(f"Ended  {DATE}  {TIME}", 0.28, ruled=False), height=19),
        Fields(Field("Declared by, role", 0.5), Field("Nurse in charge", 0.5), height=19),
        Heading("Systems"),
        Space(3),
        Ruled(SYSTEMS, filled=systems, blank=2 if systems else 6, pitch=19 if systems else 21),
        Heading("First hour: tick, write the time beside"),
        Ticks(STEPS, 2, 19),
        Heading("Log"),
        Facts(o.Section(title="", rows=(o.Text(text=tr(KINDS)),))),
        Space(3),
        Ruled(LOG, fills=True, blank=2),
        NewSide(),
        *_contacts(model),
        Heading("Log, goes on"),
        Space(3),
        Ruled(LOG, fills=True, blank=8),
    ]  # fmt: skip


def _system(model: FormModel, source: SourceAge) -> tuple[str | Cell, ...]:
    zone = model.site.zone
    (age,) = [staleness.of_source(source, model.printed_at, zone=zone)]
    since = short(model, source.declared_since, tr("time not recorded"))
    who = wording.clean(source.declared_by) or tr("not recorded")
    if source.declared == "down":
        said = tr("DOWN since {when}, by {who}").format(when=since, who=who)
    elif source.declared == "back":
        said = tr("back since {when}, by {who}").format(when=since, who=who)
    else:
        said = tr("nothing declared")
    style = Style("semibold", 9.5) if source.declared == "down" else _SMALL
    return (wording.clean(title_of(source, model.site.titles)), Cell(said, style),
            age.as_of or tr("not known"), "")  # fmt: skip


def _contacts(model: FormModel) -> list[Part]:
    """The site's own directory; what is not known is a line to write on."""
    known = model.incident.contacts if model.incident is not None else ()
    cells = [
        tuple(Cell(wording.clean(t), _SMALL) for t in (c.name, c.number, ", ".join(t for t in (c.hours, c.more) if t)))
        for c in known[:MOST]
    ]
    half = -(-len(cells) // 2)  # down the left, then down the right
    nothing = (Cell(),) * 3
    rows = tuple(cells[n] + (cells[n + half] if n + half < len(cells) else nothing) for n in range(half))
    over = len(known) - len(cells)
    more = tr("{count} more numbers: see Plans on the screen.").format(count=over)
    return [
        Heading("Telephone"),
        Space(3),
        Ruled(CONTACTS, filled=rows, blank=0 if len(rows) > 6 else 2 if rows else 6, pitch=17 if rows else 21),
        *([Facts(o.Section(title="", rows=(o.Text(text=more, strong=True),)))] if over else []),
    ]


FORM = form_of(
    parts, code="F31", title="Incident log, action card", takes="site", allergies=False,
    use="Kept by the nurse in charge. To emergency planning and the safety officer afterwards.",
    hint="Hospital, ward, incident number", back_entry="line",
)  # fmt: skip
