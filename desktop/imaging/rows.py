"""One examination as a row of the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from desktop.patient.picklist import Line
from desktop.patient.words import short
from localdb.chart import reports
from localdb.chart.documents import RESTRICTED
from localdb.chart.reports import Examination, held_words


def line_of(found: Examination, now: datetime, written: Sequence[str] = ()) -> Line:
    """One row: what, when, how made, status, what the ward wrote, who verified it when, alert, accession, what is held
    (CLINICAL §4.1)."""
    held, status = found.held, found.status
    if held.restricted:
        return Line(RESTRICTED, short(found.moment, now), status, "", False)
    verifier, verified = reports.verified_by(found.report)
    more, when = [], short(found.moment, now)
    if found.report is None and found.study is None:
        when = f"{'booked for' if status == reports.BOOKED else 'asked'} {when}"
    more += written
    if found.report is not None and found.report.alert and status != reports.WITHDRAWN:
        more.append(f"Alert as sent: {found.report.alert}")
    if verified is not None or verifier:
        more.append(f"Verified {short(verified, now)} by {verifier or 'somebody not named'}")
    if found.accession:
        more.append(f"Accession {found.accession}")
    if found.study is not None:
        more.append(held_words(found.study))
    elif found.report is not None:
        more.append("Report without images")
    heavy = status not in (reports.FINAL, reports.CANCELLED)
    return Line(found.name, when, status, found.modality, heavy, tuple(more))
