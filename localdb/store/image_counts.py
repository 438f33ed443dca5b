"""How many images the intake knows, how many it holds and what room they take, read beside its owner. Numbers alone."""

from __future__ import annotations

from pathlib import Path

import msgspec

from localdb.sources.dicom.rules import Imaging
from localdb.store.errors import StoreMissing, StoreNewer, translated
from localdb.store.image_room import held_rules, used
from localdb.store.intake_schema import STEPS
from localdb.store.migrations import schema_number
from localdb.store.opening import LAYER_PAGE, open_beside

# One row for each instance id: told of two patients, it is one image. The text of a record is its JSON (`records`).
_INSTANCES = """
    with one as (
        select r.id as id, max(cast(r.body as text)) as told, max(l.code) as gone
        from record r indexed by record_instance left join let_go l on l.id=r.id
        where r.kind='instance' group by r.id)
    select count(*), count(distinct json_extract(told,'$.study')),
        coalesce(sum(gone is null and json_extract(told,'$.pixels') is not null),0),
        coalesce(sum(json_extract(told,'$.frames')>0),0)
    from one
    """
_REASONS = """
    select coalesce(l.code, json_extract(cast(r.body as text),'$.unheld')) as code, count(distinct r.id)
    from record r indexed by record_instance left join let_go l on l.id=r.id
    where r.kind='instance' and (l.code is not null or json_extract(cast(r.body as text),'$.unheld') is not null)
    group by 1 order by 1
    """


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """`instances` known, of them `images` (with pixels where they come from), of those `held` with pixels here; `studies`
    to which they belong; `used` and `budget` in bytes; `keep` all / rules / none; `unheld` code -> how many; `rules` are
    those by which they are kept, which the site may have changed since."""

    studies: int = 0
    instances: int = 0
    images: int = 0
    held: int = 0
    used: int = 0
    budget: int = 0
    keep: str = "all"
    unheld: dict[str, int] = {}
    rules: Imaging = Imaging()

    @property
    def share(self) -> float:
        """Of the budget that is used: 1 is all."""
        return self.used / self.budget if self.budget else 1.0


def room_of(path: Path, key: bytes | bytearray) -> Room:
    """The counts of an `intake.db`. Raises vault.missing (no sources are read here, or not since the last update),
    vault.damaged, vault.newer."""
    connection = open_beside(path, key, page=LAYER_PAGE, cache_kib=4096)
    try:
        with translated():
            number = schema_number(connection)
            if number > len(STEPS):
                raise StoreNewer("The intake was written by a newer Wardlamp.")
            if number < len(STEPS):
                raise StoreMissing("The intake was not opened by its owner yet.")
            rules = held_rules(connection)
            instances, studies, held, images = connection.execute(_INSTANCES).fetchone()
            unheld = {str(code): int(n) for code, n in connection.execute(_REASONS)}
            return Room(
                studies=int(studies), instances=int(instances), images=int(images), held=int(held),
                used=used(connection), budget=rules.budget, keep=rules.keep, unheld=unheld, rules=rules,
            )  # fmt: skip
    finally:
        connection.close()
