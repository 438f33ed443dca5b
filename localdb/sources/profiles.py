"""What a site may say about one source: how to read its times, characters and numbers (site.toml, `[sources.NAME]`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec.structs import replace

from localdb.sources.dicom.rules import Imaging

# What counts as a sign of life, from the strictest to the most trusting: each counts under those after it.
SIGNS = ("message", "file", "connection")
Sign = Literal["message", "file", "connection"]


class SourceProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How one source is read. All of it has safe defaults; nothing local is assumed.

    `zone` IANA zone of times without an offset (CLINICAL §7.2). `charset` used instead of MSH-18 where senders lie
    ("": believe MSH-18). `authorities` PID-3 assigning authorities (CX-4.1) or identifier types (CX-5) in the order in
    which they make the source patient's key (DESIGN D2); () = MR, then PI, MRN, PT, then the first identifier.
    `nhs_authorities` names under which this source sends NHS numbers, beside the standard ones. `mrn_authorities`
    names whose numbers are hospital numbers although no type was sent. `blood_group`, `antibodies`, `requirements`: this
    laboratory's own OBX-3 codes for ABO/RhD group, antibody findings and special requirements (CLINICAL §3.3);
    `laboratory`, `imaging`: OBR-24 or OBR-4 codes that make a report a laboratory's or an imaging one's beside the
    standard ones of table 0074. `issuer`: whose Patient IDs this source's images bear where they do not say it
    themselves (0010,0021), written as the other sources write that authority; "": nobody's, they join with no one.

    `heartbeat` what shows that the source lives: `message` (default) only a message of its own, because an engine's
    line can live while the laboratory behind it is dead; `file` a file in its folder, also one without a message;
    `connection` an open line, for a sender that is the system itself. `quiet_after` minutes without a sign of life until
    it counts as silent, and without a message until it counts as quiet: the longest pause that this source has on an
    ordinary night; 0: nothing is expected of it.

    `pixels` which pixels of its images are kept (`[sources.NAME.pixels]`); None: as the site's `[imaging]` says.
    """

    title: str = ""
    zone: str = "Europe/London"
    charset: str = ""
    authorities: tuple[str, ...] = ()
    nhs_authorities: tuple[str, ...] = ()
    mrn_authorities: tuple[str, ...] = ()
    blood_group: tuple[str, ...] = ()
    antibodies: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    laboratory: tuple[str, ...] = ()
    imaging: tuple[str, ...] = ()
    issuer: str = ""
    heartbeat: Sign = "message"
    quiet_after: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 30
    pixels: Imaging | None = None

    @property
    def imaging_rules(self) -> Imaging:
        """Which pixels of this source are kept."""
        return self.pixels or Imaging()

    def is_sign(self, sign: Sign) -> bool:
        """Whether `sign` shows that this source lives."""
        return SIGNS.index(sign) <= SIGNS.index(self.heartbeat)


class Profiles(msgspec.Struct, frozen=True, kw_only=True):
    """The profiles of all sources; a source without one gets the site's zone, its rules for images and the defaults."""

    zone: str = "Europe/London"
    of: Mapping[str, SourceProfile] = {}
    imaging: Imaging = Imaging()

    def get(self, source: str) -> SourceProfile:
        found = self.of.get(source) or SourceProfile(zone=self.zone)
        return found if found.pixels is not None else replace(found, pixels=self.imaging)
