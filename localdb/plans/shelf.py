"""Where the site's documents stand: signed rows in the journal, sealed bytes beside it.

Rules: an import or withdrawal is a row of kind `plan`, signed by the laptop and chained like everything else; the bytes
lie in `plans/`, sealed and named by a keyed hash, durable before the row that names them; only a coordinator writes. On
reading, each row's signature and the bytes' SHA-256 are checked again: what does not verify is said, never shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from localdb.errors import EnvironmentFault, InputRefused
from localdb.journal.documents import KIND, document_files
from localdb.journal.log import Device, Log, Row, is_signed, row_hash
from localdb.plans.checking import LARGEST_PDF, PlanRefused, check, text_checked
from localdb.plans.directory import Contact, entries_of
from localdb.plans.papers import PDF, REFUSED, STANDS, Paper, Withdrawal, name_of, standing
from localdb.records.moments import read_moment
from localdb.store.errors import StoreDamaged
from localdb.vault.errors import NotPermitted
from localdb.vault.slots import COORDINATOR

IMPORT, WITHDRAW = "import", "withdraw"
ORIGINAL, ORIGINAL_ENDS = "original", "original_ends"  # rows of `originals`: no document of this shelf


class PlanUnknown(InputRefused):
    """No document of the site has that number or title."""

    code = "plan.unknown"
    next_step = "See the list: `wardlamp plans list`."


class PlanNotHere(EnvironmentFault):
    """The row of a document came from another laptop, its bytes did not."""

    code = "plan.not_here"
    next_step = "Take in an exchange file of the laptop that imported it, or import the document here."


class PlanDamaged(EnvironmentFault):
    """A document or its row does not verify; nothing of it is shown."""

    code = "plan.damaged"
    next_step = "Import the document again, and tell the coordinator: the copy on this laptop was changed or is broken."


def read_import(path: Path) -> bytes:
    """The bytes of a file that somebody chose. Raises file.missing, plan.empty; of one that is too large no more is read
    than tells so."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_PDF + 1)
    except OSError:
        raise InputRefused("The file cannot be read.", code="file.missing", next_step="Check the name.") from None
    if not data:
        raise PlanRefused("The document is empty.", code="plan.empty", next_step="Choose the right file.")
    return data


class _Body(msgspec.Struct, frozen=True):
    """The body of a row. Unknown fields of a later version are passed over."""

    act: str
    title: str
    kind: str
    role: str
    version: int = 1
    media: str = ""
    sha256: str = ""
    size: int = 0
    words: str = ""
    valid_from: str = ""
    review: str = ""
    reason: str = ""
    supersedes: str = ""


class Shelf:
    """The documents of one vault. Reading is for everybody; `staff` and `role` come from the log's keys."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._files = document_files(log)

    # -- reading ------------------------------------------------------------------------------------------------

    def papers(self) -> tuple[Paper, ...]:
        """Every version of every document with its state (see `papers.standing`)."""
        papers, withdrawals = self._read()
        return standing(papers, withdrawals)

    def shown(self) -> tuple[Paper, ...]:
        """Those that stand."""
        return tuple(p for p in self.papers() if p.state == STANDS)

    def find(self, number_or_title: str) -> Paper:
        """A version by its number, or the standing one by its title. Raises plan.unknown."""
        wanted = " ".join(number_or_title.casefold().split())
        every = self.papers()
        for paper in every:
            if paper.number.casefold() == wanted:
                return paper
        for paper in every:
            if paper.state == STANDS and name_of("", paper.title)[1] == wanted:
                return paper
        raise PlanUnknown("No document of the site has that number or title.")

    def content(self, paper: Paper) -> bytes:
        """The bytes, as they were imported. Raises plan.damaged, plan.not_here."""
        if paper.state == REFUSED:
            raise PlanDamaged(f"Document {paper.number} does not verify: {paper.reason}")
        try:
            data = self._files.get(paper.sha256)
        except StoreDamaged:
            raise PlanDamaged(f"The bytes of document {paper.number} do not verify.") from None
        if data is None:
            raise PlanNotHere(f"Document {paper.number} was imported on laptop {paper.device}; its bytes are not here.")
        return data

    def text(self, paper: Paper) -> str:
        """The words: of Markdown and CSV all, of a PDF those for the search. Raises plan.damaged, plan.not_here."""
        return paper.words if paper.media == PDF else text_checked(self.content(paper))

    def contacts(self, paper: Paper) -> tuple[Contact, ...]:
        """The names and numbers of a directory. Raises as `text`."""
        return entries_of(self.text(paper), paper.media)

    def _read(self) -> tuple[list[Paper], list[Withdrawal]]:
        papers: list[Paper] = []
        withdrawals: list[Withdrawal] = []
        devices = {d.code: d for d in self._log.devices()}
        for row in self._log.rows_of_kind(KIND):
            if act_of(row) in (ORIGINAL, ORIGINAL_ENDS):
                continue
            number = f"{row.device}-{row.sequence}"
            wrong = why_refused(row, devices.get(row.device))
            try:
                body = msgspec.json.decode(row.body, type=_Body)
            except msgspec.MsgspecError:
                body = _Body(act=IMPORT, title=f"Document {number}", kind="protocol", role="")
                wrong = wrong or "its row cannot be read"
            wrong = wrong or ("" if body.role == COORDINATOR else "it was not written by a coordinator")
            written = read_moment(row.written)
            if body.act == WITHDRAW:
                if not wrong:
                    withdrawals.append(
                        Withdrawal(number=number, title=body.title, kind=body.kind, staff=row.staff, written=written,
                                   device=row.device, sequence=row.sequence, reason=body.reason)
                    )  # fmt: skip
                continue
            papers.append(
                Paper(
                    number=number, title=body.title, kind=body.kind, version=body.version, media=body.media,
                    sha256=body.sha256, size=body.size, staff=row.staff, written=written, device=row.device,
                    sequence=row.sequence, words=body.words, valid_from=body.valid_from, review=body.review,
                    state=REFUSED if wrong else STANDS, reason=wrong,
                )
            )  # fmt: skip
        return papers, withdrawals

    # -- writing ------------------------------------------------------------------------------------------------

    def bring_in(
        self, title: str, kind: str, media: str, data: bytes, *, valid_from: str = "", review: str = ""
    ) -> Paper:
        """Imports a document; durable when it returns. The one of its kind and title that stands is replaced.

        Raises vault.not_permitted, plan.* (see `checking.check`), disk.*.
        """
        self._permit("import documents of the site")
        checked = check(title, kind, media, data, valid_from, review)
        title = " ".join(title.split())
        former = [p for p in self.papers() if name_of(p.kind, p.title) == name_of(kind, title) and p.state != REFUSED]
        version = max((p.version for p in former), default=0) + 1
        self._files.put(checked.sha256, data)
        body: dict[str, Any] = {
            "act": IMPORT, "title": title, "kind": kind, "role": self._log.keys.role, "version": version,
            "media": media, "sha256": checked.sha256, "size": len(data), "words": checked.words,
            "valid_from": valid_from, "review": review,
            "supersedes": next((p.number for p in former if p.state == STANDS), ""),
        }  # fmt: skip
        return self.find(self._append(body))

    def withdraw(self, paper: Paper, reason: str) -> None:
        """Takes a title out of use; every version is kept. Raises vault.not_permitted, plan.no_reason, disk.*."""
        self._permit("withdraw documents of the site")
        if not reason.strip():
            raise PlanUnknown("A withdrawal needs its reason.", code="plan.no_reason",
                              next_step="Say in a few words why it is out of use.")  # fmt: skip
        self._append({
            "act": WITHDRAW, "title": paper.title, "kind": paper.kind, "role": self._log.keys.role,
            "reason": reason.strip(),
        })  # fmt: skip

    def _append(self, body: dict[str, Any]) -> str:
        with self._log.writing():
            row = self._log.append(KIND, body)
        return f"{row.device}-{row.sequence}"

    def _permit(self, act: str) -> None:
        if self._log.keys.role != COORDINATOR:
            raise NotPermitted(f"Only a coordinator may {act}.")


def act_of(row: Row) -> str:
    """What a row does; "" of one that cannot be read."""
    try:
        return str(row.content.get("act", ""))
    except msgspec.MsgspecError:
        return ""


def why_refused(row: Row, device: Device | None) -> str:
    """Why a row is not believed; "" where it is."""
    if device is None:
        return "the laptop that wrote it is not known here"
    if row_hash(row) != row.hash or not is_signed(row, device.public):
        return "it does not bear the signature of its laptop"
    return ""
