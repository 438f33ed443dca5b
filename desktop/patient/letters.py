"""Letters and other documents: the list by type, their text, and their files drawn in place; and the search over
everything that is written of the patient. What is held is said, never implied."""

from __future__ import annotations

import shiboken6
from PySide6.QtWidgets import QWidget

from desktop.patient.blocks import Block, Boxed, Cell, Gap, Head, Mono, Para, TableRow
from desktop.patient.held_pages import HeldFile, file_words, is_drawn
from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.picklist import PAGE_WIDTH, Line, Shelf
from desktop.patient.tabs import Tab, Tabs
from desktop.patient.words import Age, section_age, short, state_words
from desktop.shell.context import Context
from desktop.shell.parts import Field
from localdb.chart import documents
from localdb.chart.documents import ONE, RESTRICTED, Item, attachments, kept_back, title_of, type_of
from localdb.chart.views import Chart
from localdb.records.vocabulary import Attachment, Document

_STATES = {
    documents.SUPERSEDED: ("SUPERSEDED", "warn"), documents.WITHDRAWN: ("WITHDRAWN", "crit"),
    documents.PRELIMINARY: ("PRELIMINARY", "warn"),
}  # fmt: skip
_MANY = 6  # letters from which there is a filter
_WIDEST_FILTER = 420


def kind_words(document: Document) -> str:
    """What is held of a document, in words."""
    files = attachments(document)
    if document.body:
        return "text and file held" if any(is_drawn(f) for f in files) else "text held"
    if files:
        first = file_words(files[0]) if len(files) == 1 else f"{len(files)} files"
        return first if any(is_drawn(f) for f in files) else f"{first}, not shown here"
    if document.media_type:
        return f"{file_words(Attachment('', document.media_type.split(';')[0], '', document.size))}, not in this copy"
    return "text not in this copy"


class Letters(Tabs):
    """The section: the letters, and the search over everything."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        from desktop.patient.find import Find  # late: the search reads what the letters show

        role = str(getattr(context.house, "role", "clinician"))
        count = str(len(documents.items(chart, role)) or "")
        tabs = (Tab("letters", "Letters", LetterShelf, count), Tab("find", "Find in record", Find))
        self.filter: Field | None = None
        super().__init__(context, stand, key, chart, tabs, "Letters")
        self.shown_tab.connect(self._on_tab)

    def tab_made(self, widget: QWidget) -> None:
        """The filter of the letters stands beside the tabs: on a low screen the list needs its height."""
        if isinstance(widget, LetterShelf) and widget.filter is not None:
            self.filter = widget.filter
            self.filter.setMaximumWidth(_WIDEST_FILTER)
            self.bar.addWidget(self.filter, 4)

    def _on_tab(self, code: str) -> None:
        if self.filter is not None:
            self.filter.setVisible(code == "letters")

    def show_record(self, record: str) -> None:
        """Bring one letter to the front."""
        self.show_tab("letters")
        shelf = self.shown
        assert isinstance(shelf, LetterShelf)
        shelf.show_record(record)


class LetterShelf(Shelf):
    """The letters: list by type as sent, newest first; the chosen one at the right."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        self._context, self._stand, self._key, self._chart = context, stand, key, chart
        role = str(getattr(context.house, "role", "clinician"))
        self.every = documents.items(chart, role)
        self.found = self._in_groups(self.every)
        self._kept_back = kept_back(chart.lists["documents"].items, ONE, role)
        self._opened: dict[str, HeldFile] = {}

        def age() -> Age:
            return section_age(chart, context.now(), "document")

        def said():  # type: ignore[no-untyped-def]
            return state_words(chart.lists["documents"], "letters", chart, context.now(), "document")

        self.filter = self._filter()
        super().__init__(
            context, stand, key, chart, title="Letters", age=age, lines=self._lines(), page=self._blocks, said=said,
            secret=self._id_if_restricted,
        )  # fmt: skip

    @staticmethod
    def _in_groups(found: tuple[Item, ...]) -> tuple[Item, ...]:
        return tuple(item for group in documents.groups(found) for item in group.items)

    def _filter(self) -> Field | None:
        """The filter of a long list; the section places it."""
        if len(self.every) < _MANY:
            return None
        made = Field(self._context.look, "")
        made.box.setPlaceholderText("Title, kind, author, specialty")
        made.box.setAccessibleName("Show letters with these words in title, kind, author or specialty")
        made.box.textChanged.connect(self._on_filter)
        made.entered.connect(self._on_entered)
        return made

    def _on_filter(self, text: str) -> None:
        self.found = self._in_groups(documents.matching(self.every, text))
        self.refill(self._lines())

    def _on_entered(self) -> None:
        self.list.setFocus()

    def show_record(self, record: str) -> None:
        """Bring one letter to the front, whatever is filtered."""
        if self.filter is not None:
            self.filter.set_text("")
        for n, item in enumerate(self.found):
            if item.document.id == record:
                self.list.choose(n)
                return

    def _id_if_restricted(self, number: int) -> str:
        document = self.found[number].document
        return document.id if document.restricted else ""

    def _lines(self) -> list[Line]:
        now = self._context.now()
        made: list[Line] = []
        for group in documents.groups(self.found):
            for n, item in enumerate(group.items):
                made.append(self._line(item, f"{group.title}  {len(group.items)}" if n == 0 else "", now))
        return made

    @staticmethod
    def _line(item: Item, head: str, now) -> Line:  # type: ignore[no-untyped-def]
        document, when = item.document, short(item.document.happened or item.document.said, now)
        word = _STATES[item.state][0] if item.state in _STATES else ""
        if document.restricted:
            return Line(RESTRICTED, when, word, "", False, (), head)
        who = ", ".join(x for x in (document.author or "author not recorded", document.specialty) if x)
        more = [who, kind_words(document)]
        more += ["Addendum to an earlier letter"] if item.is_addendum else []
        more += [f"{len(item.addenda)} addendum" if len(item.addenda) == 1 else f"{len(item.addenda)} addenda"] * bool(
            item.addenda
        )
        return Line(title_of(document), when, word, "", bool(word), tuple(more), head)

    def _blocks(self, number: int) -> list[Block]:
        item = self.found[number]
        document, now = item.document, self._context.now()
        age = Age(short(document.happened or document.said, now), "fresh")
        blocks: list[Block] = [Head(title_of(document), age)] if len(title_of(document)) < 44 else [
            Para(title_of(document), "title"), Para(age.text, "label", "ink2")]  # fmt: skip
        blocks += self._state(item)
        withdrawn = item.state == documents.WITHDRAWN
        if not withdrawn:
            for added in item.addenda:
                said = added.body or f"{kind_words(added).capitalize()}: open it in the list."
                head = f"ADDENDUM {short(added.happened or added.said, now)}, {added.author or 'author not recorded'}"
                lines = [(line, False) for line in said.split("\n")] if not added.restricted else [(RESTRICTED, False)]
                blocks.append(Boxed([(head, True), *lines], "warn", None, mono=True))
            if document.body:
                blocks += [Gap(8), Mono(document.body)]
        drawn = [f for f in attachments(document) if is_drawn(f)] if not withdrawn else []
        if withdrawn or (not drawn and not document.body):
            held = "Its content was taken back and is not shown" if withdrawn else kind_words(document)
            blocks.append(Para(f"{held[:1].upper()}{held[1:]}.", "body"))
        pages: list[Block] = []
        for file in drawn:
            if len(drawn) > 1:
                pages += [Gap(10), Para(f"File: {file.title or file_words(file)}", "label", "ink2")]
            pages += self._file(number, file).blocks()
        # The pages at once where they are all that there is; below a text they come after the facts.
        return [*blocks, *self._facts(item), *pages] if document.body else [*blocks, *pages, *self._facts(item)]

    def _state(self, item: Item) -> list[Block]:
        if item.state not in _STATES:
            return []
        word, kind = _STATES[item.state]
        more = {
            documents.SUPERSEDED: self._successor(item),
            documents.PRELIMINARY: "Not yet signed: it may change.",
            documents.WITHDRAWN: "The source took it back: it was entered in error.",
        }[item.state]  # fmt: skip
        return [Boxed([(word, True), (more, False)], kind, "caution")]

    def _successor(self, item: Item) -> str:
        if not item.later:
            return "A later document took its place."
        when = short(item.later_at, self._context.now())
        return f"A later document took its place: {item.later}, {when}."

    def _facts(self, item: Item) -> list[Block]:
        document, now = item.document, self._context.now()
        facts = [("By", document.author or "not recorded"), ("Kind", type_of(document)),
                 ("Specialty", document.specialty or "not sent"), ("Written", short(document.happened, now)),
                 ("Filed", short(document.said, now)), ("Held", kind_words(document)),
                 ("Status", document.status or "not recorded")]  # fmt: skip
        if item.state != documents.WITHDRAWN:
            facts += [("Remark", text) for text in document.comments]
        facts.append(("From", document.source))
        blocks: list[Block] = [Gap(10)]
        if aged := self._chart.lists["documents"].window:
            blocks.append(Para(f"Letters {aged[:1].lower()}{aged[1:]} The last of each kind is.", "label", "ink2"))
        if self._kept_back:
            blocks.append(Para(self._kept_back, "label", "ink2"))
        return blocks + [
            TableRow([[Cell(a, "label", "ink2")], [Cell(b, "label", weight=500)]], (0.0, 0.22), pad=2) for a, b in facts
        ]

    def _file(self, number: int, file: Attachment) -> HeldFile:
        """One file of the chosen letter; only the last few opened are kept."""
        if file.blob not in self._opened:
            while len(self._opened) > 3:
                self._opened.pop(next(iter(self._opened)))
            document = self.found[number].document.id
            self._opened[file.blob] = HeldFile(
                self._context, self._stand, self._key, file, self._wide, lambda: self._on_file(document)
            )
        return self._opened[file.blob]

    def _wide(self) -> float:
        return min(self.sheet.pane.width() - 8, PAGE_WIDTH) * self.devicePixelRatioF()

    def _on_file(self, document: str) -> None:
        if shiboken6.isValid(self) and self.found and self.found[self.list.chosen].document.id == document:
            self.sheet.pane.rearrange()
