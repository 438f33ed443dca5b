"""search: where words stand in everything that is written of a patient, or of everybody on a ward.

Nothing is indexed and nothing is kept: each record is read through, the words of PDFs by a child process. Restricted
records are found under their code alone for one patient, and not at all for a ward (CLINICAL §1.5).
"""

from __future__ import annotations

import argparse

from desktop.cli import answer
from desktop.cli.answer import plain
from desktop.cli.parser import Commands
from desktop.cli.session import house_of, say
from desktop.file_words import words_of_files
from localdb.chart import finding, wording
from localdb.chart.documents import MANY, ONE
from localdb.chart.finding import Hit
from localdb.chart.views import PatientView


def add_to(commands: Commands) -> None:
    made = commands.add("search", "words in letters, reports, notes, results and lists of a patient or a ward", _search)
    made.add_argument("words", nargs="+", help='all must stand in a record; "in quotes" as they are')
    whom = made.add_mutually_exclusive_group()
    whom.add_argument("--patient", metavar="P", help="one patient; else everybody on the ward")
    whom.add_argument("--ward", metavar="W", help="the ward, else the site's")
    made.add_argument("--limit", type=int, default=200)
    made.add_argument("--no-files", action="store_true", help="leave the words of PDFs out: faster")


def _search(args: argparse.Namespace) -> int:
    question = " ".join(args.words)
    found: list[tuple[PatientView, Hit]] = []
    total = records = unread = 0
    with house_of(args) as house:
        reading = house.reading()
        people = [args.patient] if args.patient else [
            row.patient.id for row in reading.ward(args.ward).rows if row.patient is not None]  # fmt: skip
        for person in people:
            chart = reading.chart(person)
            digests = () if args.no_files else finding.file_digests(chart, house.role)
            files = words_of_files(reading, digests)
            unread += finding.wordless(chart, house.role, files)
            texts = finding.texts(chart, house.role, files, ONE if args.patient else MANY)
            hits, count = finding.hits(texts, question, max(1, args.limit) - len(found))
            if count:
                house.opened(chart.patient.id)
            found += [(chart.patient, h) for h in hits]
            total, records = total + count, records + len(texts)
            if len(found) >= max(1, args.limit):
                break
    lines = [f"{total} of {records} records have these words; {unread} files have no words that were searched."]
    for view, hit in found:
        who = "" if args.patient else f"{wording.display_name(view.name)}  "
        when = wording.date_time(hit.text.when, missing="time not recorded")
        lines.append(f"{who}{when}  {hit.text.kind}: {hit.text.title}  {hit.context}".rstrip())
    said = {"hits": [_hit(v, h) for v, h in found], "found": total, "searched": records, "without_words": unread}
    return say(args, said, "\n".join(lines))


def _hit(view: PatientView, hit: Hit) -> dict[str, object]:
    text = hit.text
    return {
        "patient": answer.person(view), "record": text.record, "kind": text.kind, "title": text.title,
        "when": plain(text.when), "source": text.source, "context": hit.context, "places": hit.places,
    }  # fmt: skip
