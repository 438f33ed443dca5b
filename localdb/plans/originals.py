"""The site's own originals in the vault: sealed, signed, in versions, beside its other documents (see `shelf`).

Rows are of kind `plan` like those, so that the bytes travel with them between laptops; the newest version of a code
stands until it is taken out of use. What does not verify is said, and never printed.
"""

from __future__ import annotations

from typing import Any

import msgspec

from localdb.errors import EnvironmentFault, InputRefused
from localdb.journal.documents import KIND, document_files
from localdb.journal.log import Log
from localdb.plans.original_check import check_pdf
from localdb.plans.original_spec import OriginalSpec
from localdb.plans.shelf import ORIGINAL, ORIGINAL_ENDS, act_of, why_refused
from localdb.records.moments import Moment, read_moment
from localdb.store.errors import StoreDamaged
from localdb.vault.errors import NotPermitted
from localdb.vault.slots import COORDINATOR


class OriginalUnknown(InputRefused):
    """No original of that code is in use here."""

    code = "original.unknown"
    next_step = "See the list: `wardlamp originals list`."


class OriginalNotHere(EnvironmentFault):
    """The row of an original came from another laptop, its bytes did not; or they do not verify."""

    code = "original.not_here"
    next_step = (
        "Add the original again, or take in an exchange file of the laptop that added it. Use the stock meanwhile."
    )


class Original(msgspec.Struct, frozen=True, kw_only=True):
    """One version: `number` = device code + `-` + journal sequence; `reason` why it may not be used ("": it may)."""

    number: str
    spec: OriginalSpec
    version: int
    sha256: str
    size: int
    staff: str
    written: Moment
    reason: str = ""

    @property
    def code(self) -> str:
        return self.spec.code


class _Body(msgspec.Struct, frozen=True):
    """The body of a row. Unknown fields of a later version are passed over."""

    act: str
    code: str = ""
    role: str = ""
    version: int = 1
    sha256: str = ""
    size: int = 0
    spec: OriginalSpec | None = None


class Originals:
    """The originals of one vault. Reading is for everybody; `staff` and `role` come from the log's keys."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._files = document_files(log)

    def all(self) -> tuple[Original, ...]:
        """What is in use, by code; one that does not verify says why."""
        standing: dict[str, tuple[tuple[int, str, int], Original | None]] = {}
        devices = {d.code: d for d in self._log.devices()}
        for row in self._log.rows_of_kind(KIND):
            if act_of(row) not in (ORIGINAL, ORIGINAL_ENDS):
                continue
            wrong = why_refused(row, devices.get(row.device))
            written = read_moment(row.written)
            try:
                body = msgspec.json.decode(row.body, type=_Body)
            except msgspec.MsgspecError:
                continue  # a later version wrote what this one cannot read
            wrong = wrong or ("" if body.role == COORDINATOR else "it was not written by a coordinator")
            order = (written.utc or 0, row.device, row.sequence)
            if body.act == ORIGINAL_ENDS:
                if not wrong and order > standing.get(body.code, ((0, "", 0), None))[0]:
                    standing[body.code] = (order, None)
                continue
            if body.spec is None or order <= standing.get(body.code, ((0, "", 0), None))[0]:
                continue
            if wrong and standing.get(body.code, (order, None))[1] is not None:
                continue  # what stands and verifies is not hidden by what does not
            made = Original(
                number=f"{row.device}-{row.sequence}", spec=body.spec, version=body.version, sha256=body.sha256,
                size=body.size, staff=row.staff, written=written, reason=wrong,
            )  # fmt: skip
            standing[body.code] = (order, made)
        return tuple(made for _, (_, made) in sorted(standing.items()) if made is not None)

    def find(self, code: str) -> Original:
        """Raises original.unknown."""
        wanted = code.strip().upper()
        for one in self.all():
            if wanted in (one.code, one.number.upper()):
                return one
        raise OriginalUnknown("No original of that code is in use here.")

    def content(self, original: Original) -> bytes:
        """The bytes as they were added. Raises original.not_here."""
        if original.reason:
            raise OriginalNotHere(f"Original {original.code} does not verify: {original.reason}")
        try:
            data = self._files.get(original.sha256)
        except StoreDamaged:
            data = None
        if data is None:
            raise OriginalNotHere(f"The bytes of original {original.code} are not here, or were changed.")
        return data

    def add(self, spec: OriginalSpec, data: bytes) -> Original:
        """Takes an original in; durable when it returns. The one of its code is replaced. Raises vault.not_permitted,
        original.*, disk.*."""
        self._permit("add originals of the site")
        digest = check_pdf(spec, data)
        rows = [r for r in self._log.rows_of_kind(KIND) if act_of(r) == ORIGINAL and r.content.get("code") == spec.code]
        self._files.put(digest, data)
        self._append({
            "act": ORIGINAL, "code": spec.code, "title": spec.name, "kind": "original", "role": self._log.keys.role,
            "version": len(rows) + 1, "sha256": digest, "size": len(data),
            "spec": msgspec.to_builtins(spec),
        })  # fmt: skip
        return self.find(spec.code)

    def remove(self, original: Original, reason: str = "") -> None:
        """Takes a code out of use; every version is kept in the journal. Raises vault.not_permitted, disk.*."""
        self._permit("take originals of the site out of use")
        self._append({
            "act": ORIGINAL_ENDS, "code": original.code, "title": original.spec.name, "kind": "original",
            "role": self._log.keys.role, "reason": reason.strip(),
        })  # fmt: skip

    def _append(self, body: dict[str, Any]) -> None:
        with self._log.writing():
            self._log.append(KIND, body)

    def _permit(self, act: str) -> None:
        if self._log.keys.role != COORDINATOR:
            raise NotPermitted(f"Only a coordinator may {act}.")
