"""The one reading interface (D12): what the window, the forms and the commands ask.

Any number of threads may hold one `Reading` each; none of its calls writes. Errors: `patient.unknown`,
`patient.ambiguous`, `vault.*` (see `resources/codes/errors.toml`).
"""

from __future__ import annotations

from typing import Protocol

from localdb.chart.views import Census, Chart, PatientView, PendingRow, SourceAge


class Reading(Protocol):
    """What reads the living chart. Implemented by `localdb.house.House.reading()`."""

    def find(self, text: str, limit: int = 50) -> tuple[PatientView, ...]:
        """People whose name parts, numbers, date of birth, ward or bed begin with the words of `text`."""
        ...

    def resolve(self, patient: str) -> str:
        """The person's id for an id or any identifier that is unique; else patient.unknown / patient.ambiguous."""
        ...

    def wards(self) -> tuple[str, ...]: ...

    def ward(self, name: str | None = None) -> Census:
        """The census of a ward (None: the site's ward, else the only or first one)."""
        ...

    def chart(self, patient: str) -> Chart: ...

    def pending(self, ward: str | None = None) -> tuple[PendingRow, ...]: ...

    def sources(self) -> tuple[SourceAge, ...]: ...
