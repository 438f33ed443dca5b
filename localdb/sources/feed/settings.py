"""What a site says about its feeds and sources (site.toml, DESIGN D13), checked whole before it is taken in.

`[[feeds]]` one way in each; `[sources.NAME]` how a source is read (`SourceProfile`); `[feeding]` the service itself.
Errors: settings.wrong_value, with the field named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from localdb.chart.omissions import read_omissions
from localdb.chart.scan_patterns import read_scanning
from localdb.chart.windows import Windows
from localdb.errors import InputRefused
from localdb.labels import read_ods, read_offsets, read_stocks
from localdb.sources.dicom.rules import Imaging, SiteImaging
from localdb.sources.feed.imaging_settings import ASKING_KINDS, DICOM_FIELDS, DICOM_KINDS, LISTEN, fault_of
from localdb.sources.profiles import Profiles, SourceProfile
from localdb.store.ageing import Retention

if TYPE_CHECKING:
    from localdb.sources.printed.rules import PrintRule
    from localdb.sources.tables.mapping import TableMapping

# A feed or source is named in logs and file names: nothing but letters, digits and `._-`.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}\Z")


class SettingRefused(InputRefused):
    """A setting cannot be what it is."""

    code = "settings.wrong_value"
    next_step = "Correct that field; `wardlamp help` has an example of each."


class FeedSetting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One way in.

    `name` is unique; `source` the source that it speaks for; `kind` mllp (HL7 v2 by network), folder (files of any kind
    that `fill` reads), tables (CSV, XLSX), pdf, dicom-listen, dicom-query, dicomweb, worklist. `off` keeps the feed
    without running it.

    mllp: `listen` address and port (`127.0.0.1:2575`, `[::]:2575`; port 0 takes a free one), `tls` the secret with its
    certificate ("": clear), `client_certificates` whether senders must show one signed by that secret's authorities,
    `senders` addresses or networks that may connect (empty: all); `systems` names the source of each system whose messages
    an engine sends over this one port, by MSH-3 (`LIMS`) or MSH-3 and MSH-4 (`LIMS|NORTH`, which counts before the shorter
    one): each has its own clocks, profile and set-aside list, and what no line names speaks for `source`. Folders:
    `folder`, looked at each `every` seconds; `after` delete or keep what was taken (keep: into its `done` folder);
    `mapping` the name of a `[mappings.NAME]` table. What is asked is asked each 300 s where `every` was not said.

    DICOM (`imaging_settings` checks): `title` our AE title (WARDLAMP); dicom-listen: `listen`, `tls`,
    `client_certificates`, `senders` as above, `callers` the AE titles that may send (empty: all). dicom-query and
    worklist: `peer` host and port, `called` the peer's AE title, `tls` the secret with our certificate and its
    authorities; `by` move or get, `into` the dicom-listen feed that a C-MOVE goes to. dicomweb: `url`, `tls` (a client
    certificate, authorities), `login` the secret with user and password, `token_file` a file with a bearer token, read
    anew each time. Whom they ask for: who lies in `wards` (empty: all wards of the copy) by the identifiers of the
    systems or types `numbers` (empty: hospital numbers), `patients` by PatientID and `accessions` by accession
    number; studies of the last `days` (0: 730;
    worklist: the next 7), of these `modalities` (empty: all); a run fetches at most `most` instances.
    """

    name: str
    source: str
    kind: Literal["mllp", "folder", "tables", "pdf", "dicom-listen", "dicom-query", "dicomweb", "worklist"]
    listen: str = ""
    tls: str = ""
    client_certificates: bool = False
    senders: tuple[str, ...] = ()
    systems: dict[str, str] = {}
    folder: str = ""
    every: float = 2.0
    after: Literal["delete", "keep"] = "delete"
    mapping: str = ""
    off: bool = False
    title: str = ""
    callers: tuple[str, ...] = ()
    peer: str = ""
    called: str = ""
    by: Literal["", "move", "get"] = ""
    into: str = ""
    url: str = ""
    login: str = ""
    token_file: str = ""
    wards: tuple[str, ...] = ()
    patients: tuple[str, ...] = ()
    accessions: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    days: int = 0
    modalities: tuple[str, ...] = ()
    most: int = 2000

    @property
    def pause(self) -> float:
        """Seconds between two looks."""
        return 300.0 if self.kind in ASKING_KINDS and self.every == 2.0 else self.every

    def source_of(self, application: str, facility: str) -> str:
        """The source that a message of this MSH-3 and MSH-4 speaks for; letters' case does not count."""
        lines = {name.casefold(): source for name, source in self.systems.items()}
        one = application.casefold()
        return lines.get(f"{one}|{facility.casefold()}") or lines.get(one) or self.source

    @property
    def address(self) -> tuple[str, int]:
        """(host, port) of `listen`. Raises settings.wrong_value."""
        host, _, port = self.listen.rpartition(":")
        bare = host.removeprefix("[").removesuffix("]")
        try:
            ip_address(bare)
            number = int(port)
        except ValueError:
            raise _wrong(f"feeds.{self.name}.listen", "it is an address and a port, such as 127.0.0.1:2575") from None
        if not 0 <= number < 65536:
            raise _wrong(f"feeds.{self.name}.listen", "a port is a number from 0 to 65535")
        return bare, number


class Feeding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The service: `health` is where it answers how it is ("" nowhere; on this machine only, port 0 a free one)."""

    health: str = "127.0.0.1:2579"

    @property
    def health_address(self) -> tuple[str, int] | None:
        """(host, port), None where it is off. Raises settings.wrong_value."""
        if not self.health:
            return None
        host, _, port = self.health.rpartition(":")
        if host not in ("127.0.0.1", "[::1]") or not port.isdigit() or int(port) > 65535:
            raise _wrong("feeding.health", "it is 127.0.0.1 and a port: health is for this machine only")
        return host.strip("[]"), int(port)


def _wrong(field: str, why: str) -> SettingRefused:
    return SettingRefused(f"The setting {field} cannot be taken: {why}.")


def _checked(field: str, given: Any, shape: Any) -> Any:
    """`given` as `shape`; the field that is wrong is named."""
    try:
        return msgspec.convert(given, shape)
    except msgspec.ValidationError as error:
        why, _, where = str(error).partition(" - at `$")
        unknown = re.search(r"unknown field `([^`]*)`", why)
        field += where.rstrip("`") + (f".{unknown[1]}" if unknown else "")
        raise _wrong(field, why[:1].lower() + why[1:]) from None


def named(field: str, name: str) -> str:
    """A name that may stand in logs. Raises settings.wrong_value."""
    if not _NAME.match(name):
        raise _wrong(field, "a name has up to 40 letters, digits, dots and dashes")
    return name


def check_zone(field: str, zone: str) -> None:
    """Raises settings.wrong_value where there is no such IANA zone."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _wrong(field, "there is no such time zone") from None


def read_imaging(given: Mapping[str, Any]) -> Imaging:
    """`[imaging]`, checked whole; given back: which pixels are kept, within which room. Raises settings.wrong_value."""
    whole: SiteImaging = _checked("imaging", given, SiteImaging)
    # Without what only the viewer asks of the site: another preset is no reason to ask archives again.
    made = Imaging(**{name: getattr(whole, name) for name in Imaging.__struct_fields__})
    for modality in (*made.days, *made.never):
        if not re.fullmatch(r"[A-Z0-9]{2,16}", modality):
            raise _wrong("imaging", "a modality is a DICOM code in capitals, such as CT")
    return made


def read_profiles(sources: Mapping[str, Any], zone: str, imaging: Mapping[str, Any] | None = None) -> Profiles:
    """`[sources.NAME]` as profiles; a source without a zone or rules for images of its own has the site's. Raises
    settings.wrong_value."""
    made: dict[str, SourceProfile] = {}
    for name, given in sources.items():
        field = f"sources.{named('sources', name)}"
        with_zone = {"zone": zone, **given} if isinstance(given, Mapping) else given
        profile: SourceProfile = _checked(field, with_zone, SourceProfile)
        check_zone(f"{field}.zone", profile.zone)
        made[name] = profile
    return Profiles(zone=zone, of=made, imaging=read_imaging(imaging or {}))


def read_feeds(feeds: Sequence[Any]) -> tuple[FeedSetting, ...]:
    """`[[feeds]]`. Raises settings.wrong_value."""
    made: list[FeedSetting] = []
    for number, given in enumerate(feeds):
        held = given.get("name") if isinstance(given, Mapping) else None
        field = f"feeds.{held}" if isinstance(held, str) and _NAME.match(held) else f"feeds[{number}]"
        feed: FeedSetting = _checked(field, given, FeedSetting)
        named(f"{field}.name", feed.name)
        named(f"{field}.source", feed.source)
        _check(feed, field)
        for other in made:
            if other.name == feed.name:
                raise _wrong(f"{field}.name", "another feed has that name")
            if feed.listen and other.listen and feed.address == other.address and feed.address[1]:
                raise _wrong(f"{field}.listen", f"the feed {other.name} listens there")
            if feed.folder and feed.folder == other.folder:
                raise _wrong(f"{field}.folder", f"the feed {other.name} takes from there")
        made.append(feed)
    for feed in made:
        into = next((f for f in made if f.name == feed.into and f.kind == LISTEN), None)
        if feed.into and into is None:
            raise _wrong(f"feeds.{feed.name}.into", "there is no dicom-listen feed of that name")
        if into is not None and into.source != feed.source:
            raise _wrong(f"feeds.{feed.name}.into", f"that feed speaks for {into.source}, not for {feed.source}")
    return tuple(made)


def _check(feed: FeedSetting, field: str) -> None:
    if feed.kind in DICOM_KINDS:
        fault = fault_of(feed)
        if fault is not None:
            raise _wrong(f"{field}.{fault[0]}", fault[1])
        if feed.kind == LISTEN:
            _ = feed.address
        return
    given = next((f for f in DICOM_FIELDS if getattr(feed, f)), None)
    if given is not None:
        raise _wrong(f"{field}.{given}", f"a feed of the kind {feed.kind} has no such field")
    (_check_mllp if feed.kind == "mllp" else _check_folder)(feed, field)


def _check_mllp(feed: FeedSetting, field: str) -> None:
    if not feed.listen:
        raise _wrong(f"{field}.listen", "an mllp feed needs an address and a port")
    if feed.folder or feed.mapping:
        raise _wrong(f"{field}.folder", "an mllp feed has no folder")
    _ = feed.address
    seen: set[str] = set()
    for name, source in feed.systems.items():
        named(f"{field}.systems.{name}", source)
        application, bar, facility = name.partition("|")
        if not application.strip() or (bar and not facility.strip()) or "|" in facility or name.casefold() in seen:
            raise _wrong(f"{field}.systems", "each line is MSH-3, or MSH-3|MSH-4, once")
        seen.add(name.casefold())
    if feed.client_certificates and not feed.tls:
        raise _wrong(f"{field}.client_certificates", "they need tls")
    for sender in feed.senders:
        try:
            ip_network(sender, strict=False)
        except ValueError:
            raise _wrong(f"{field}.senders", "each is an address or a network, such as 10.1.2.0/24") from None


def _check_folder(feed: FeedSetting, field: str) -> None:
    if not feed.folder or not Path(feed.folder).is_absolute():
        raise _wrong(f"{field}.folder", "it is the whole path of a folder")
    if feed.listen or feed.tls or feed.senders or feed.client_certificates or feed.systems:
        raise _wrong(f"{field}.listen", "a folder does not listen")
    if not 0.1 <= feed.pause <= 3600:
        raise _wrong(f"{field}.every", "it is 0.1 to 3600 seconds")
    if (feed.kind == "folder") == bool(feed.mapping):
        raise _wrong(f"{field}.mapping", "tables and pdf need one, a folder has none")


def read_mappings(mappings: Mapping[str, Any], feeds: Sequence[FeedSetting]) -> dict[str, TableMapping | PrintRule]:
    """`[mappings.NAME]`: what columns mean, or, where it has `patterns`, where a printed report says whose it is.

    Raises settings.wrong_value, table.mapping, printed.rule.
    """
    from localdb.sources.printed.rules import PrintRule, rule_from
    from localdb.sources.tables.mapping import mapping_from

    made: dict[str, TableMapping | PrintRule] = {}
    for name, given in mappings.items():
        named("mappings", name)
        made[name] = rule_from(given) if isinstance(given, Mapping) and "patterns" in given else mapping_from(given)
    for feed in feeds:
        if not feed.mapping:
            continue
        held = made.get(feed.mapping)
        if held is None or isinstance(held, PrintRule) != (feed.kind == "pdf"):
            what = "a rule for printed reports" if feed.kind == "pdf" else "a mapping of columns"
            raise _wrong(f"feeds.{feed.name}.mapping", f"there is no such [mappings] entry that is {what}")
    return made


def read_feeding(given: Mapping[str, Any]) -> Feeding:
    """`[feeding]`. Raises settings.wrong_value."""
    made: Feeding = _checked("feeding", given, Feeding)
    _ = made.health_address
    return made


def read_windows(given: Mapping[str, Any]) -> Windows:
    """`[windows]`: how far back the copy goes. Raises settings.wrong_value."""
    made: Windows = _checked("windows", given, Windows)
    return made


def read_retention(given: Mapping[str, Any]) -> Retention:
    """`[retention]`: how long the intake keeps the sources' own bytes. Raises settings.wrong_value."""
    made: Retention = _checked("retention", given, Retention)
    return made


def check_site(site: Mapping[str, Any]) -> None:
    """Checks what a site says of its feeds, sources and scanners, as a whole. Raises settings.wrong_value, table.mapping,
    printed.rule, scan.pattern, label.*."""
    zone = str(site.get("zone", "Europe/London"))
    check_zone("zone", zone)
    read_profiles(site.get("sources", {}), zone, site.get("imaging", {}))
    read_mappings(site.get("mappings", {}), read_feeds(site.get("feeds", ())))
    read_feeding(site.get("feeding", {}))
    read_windows(site.get("windows", {}))
    read_retention(site.get("retention", {}))
    read_scanning(site.get("scanning", {}))
    read_stocks(site.get("labels", {}))
    read_offsets(site.get("label_offsets", {}))
    read_ods(str(site.get("ods", "")))
    read_omissions(site.get("omissions", ()))
