"""What a site may say about one source: how to read its times, characters and numbers (site.toml, `[sources.NAME]`)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class SourceProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How one source is read. All of it has safe defaults; nothing local is assumed.

    `zone` IANA zone of times without an offset (CLINICAL §7.2). `charset` used instead of MSH-18 where senders lie
    ("": believe MSH-18). `authorities` PID-3 assigning authorities (CX-4.1) or identifier types (CX-5) in the order in
    which they make the source patient's key (DESIGN D2); () = MR, then PI, MRN, PT, then the first identifier.
    `nhs_authorities` names under which this source sends NHS numbers, beside the standard ones. `mrn_authorities`
    names whose numbers are hospital numbers although no type was sent. `blood_group`, `antibodies`, `requirements`: this
    laboratory's own OBX-3 codes for ABO/RhD group, antibody findings and special requirements (CLINICAL §3.3);
    `laboratory`, `imaging`: OBR-24 or OBR-4 codes that make a report a laboratory's or an imaging one's beside the
    standard ones of table 0074.
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


class Profiles(msgspec.Struct, frozen=True, kw_only=True):
    """The profiles of all sources; a source without one gets the site's zone and the defaults."""

    zone: str = "Europe/London"
    of: Mapping[str, SourceProfile] = {}

    def get(self, source: str) -> SourceProfile:
        return self.of.get(source) or SourceProfile(zone=self.zone)
