"""Letters and other documents: the list, their text, and their file drawn in place. What is held is said, never implied."""

from __future__ import annotations

import shiboken6

from desktop.patient.blocks import Block, Boxed, Cell, Gap, Head, Mono, Para, TableRow
from desktop.patient.held_pages import HeldFile, is_drawn
from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.picklist import PAGE_WIDTH, Line, Shelf
from desktop.patient.words import Age, section_age, short, state_words
from desktop.shell.context import Context
from localdb.chart.views import Chart
from localdb.records.vocabulary import Document


def kind_words(document: Document) -> str:
    """What is held of a document, in words."""
    if document.body:
        return "text and file held" if is_drawn(document) else "text held"
    kind = {"application/pdf": "PDF", "image/jpeg": "picture", "image/png": "picture"}.get(document.media_type, "file")
    size = f", {document.size // 1024 or 1} kB" if document.size else ""
    if is_drawn(document):
        return f"{kind}{size}"
    if document.media_type and not document.blob:
        return f"{kind}{size}, not in this copy"
    return f"{kind}{size}, not shown here" if document.media_type else "text not in this copy"


class Letters(Shelf):
    """The section."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        self.found = [d for d in chart.lists["documents"].items if isinstance(d, Document)]

        self._context, self._stand, self._key = context, stand, key
        self._opened: tuple[int, HeldFile] | None = None

        def age() -> Age:
            return section_age(chart, context.now(), "document")

        def page(number: int) -> list[Block]:
            document = self.found[number]
            now = context.now()
            name = document.title or document.text or "Document"
            blocks: list[Block] = [Head(name, Age(short(document.happened or document.said, now), "fresh"))]
            if document.status in ("entered-in-error", "superseded"):
                word = "WITHDRAWN" if document.status == "entered-in-error" else "SUPERSEDED by a later document"
                blocks.append(Boxed([(word, True)], "warn", "caution"))
            withdrawn = document.status == "entered-in-error"
            if document.body and not withdrawn:
                blocks += [Gap(8), Mono(document.body)]
            is_opened = is_drawn(document) and not withdrawn
            if not is_opened and (withdrawn or not document.body):
                held = kind_words(document)
                blocks.append(Para(f"{held[:1].upper()}{held[1:]}.", "body"))
            facts = [("By", document.author or "not recorded"), ("Held", kind_words(document)),
                     ("Status", document.status or "not recorded"), ("From", document.source)]  # fmt: skip
            blocks.append(Gap(10))
            if aged := chart.lists["documents"].window:
                blocks.append(Para(f"Letters {aged[:1].lower()}{aged[1:]} The last of each kind is.", "label", "ink2"))
            blocks += [
                TableRow([[Cell(a, "label", "ink2")], [Cell(b, "label", weight=500)]], (0.0, 0.22), pad=2)
                for a, b in facts
            ]
            return blocks + self._file(number).blocks() if is_opened else blocks

        def said():  # type: ignore[no-untyped-def]
            return state_words(chart.lists["documents"], "letters", chart, context.now(), "document")

        lines = [
            Line(d.title or d.text or "Document", short(d.happened or d.said, context.now()), d.author, kind_words(d))
            for d in self.found
        ]
        super().__init__(context, stand, key, chart, title="Letters", age=age, lines=lines, page=page, said=said)

    def _file(self, number: int) -> HeldFile:
        """The file of one letter; only the chosen letter's is kept."""
        if self._opened is None or self._opened[0] != number:
            made = HeldFile(
                self._context, self._stand, self._key, self.found[number], self._wide, lambda: self._on_file(number)
            )
            self._opened = (number, made)
        return self._opened[1]

    def _wide(self) -> float:
        return min(self.sheet.pane.width() - 8, PAGE_WIDTH) * self.devicePixelRatioF()

    def _on_file(self, number: int) -> None:
        if shiboken6.isValid(self) and self.list.chosen == number:
            self.sheet.pane.rearrange()
