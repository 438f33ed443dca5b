"""Reads one generation: the two stacks and the shared layer, each patient from the topmost layer alone (DESIGN D1).

One per thread. `whole` hides `thin`; a tombstone in `whole` leads to `thin`, one there to nobody. When a list or a layer
does not verify, the last list that does is read instead and `fallen_back` says so; nothing is removed here.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TypeVar

from localdb.chart.views import PatientView
from localdb.records.vocabulary import ImagingStudy, Record
from localdb.store.blobs import BlobStore
from localdb.store.errors import StoreDamaged, StoreMissing, StoreNewer, translate
from localdb.store.generations import ClockEntry, Generation, Generations, KeyRing, LayerEntry
from localdb.store.layer_files import Layer, sha256_of
from localdb.store.opening import DriverError, open_layer
from localdb.store.tokens import glued, query

_T = TypeVar("_T")


class Snapshot:
    """An open generation. `number` 0 and nothing in it where nothing was cut yet."""

    def __init__(self, vault: Path, keys: KeyRing, number: int | None = None) -> None:
        self._vault, self._keys = vault, keys
        self.generations = Generations(vault, keys)
        self._blobs: BlobStore | None = None
        self.fallen_back = ""
        self.pinned = False
        self._open(number)

    # -- opening and falling back -------------------------------------------------------------------------------

    def _open(self, number: int | None) -> None:
        used, self.pinned = self.generations.pointer()
        self._pointed = used
        wanted = used if number is None else number
        if number is None and not self.pinned:
            # A list is whole once it stands under its name: a crash before the pointer moved, or an old pointer put
            # back, must not hide the newest one.
            wanted = max((used, *self.generations.numbers()[-1:]))
        self.thin: list[Layer] = []
        self.whole: list[Layer] = []
        self.generation = Generation(0, "", "", 0)
        self.beds: tuple[tuple[str, str, str, str], ...] = ()
        self.ward_names: tuple[str, ...] = ()
        if wanted == 0:
            return
        candidates = [wanted, *(n for n in reversed(self.generations.numbers()) if n != wanted)]
        first: StoreDamaged | StoreMissing | StoreNewer | None = None
        for candidate in candidates:
            try:
                self._load(candidate)
            except (StoreDamaged, StoreMissing, StoreNewer) as fault:
                self.close()
                first = first or fault
                self.fallen_back = fault.code
                continue
            return
        raise first if first else StoreMissing("No generation is held.")

    def _load(self, number: int) -> None:
        self.generation = self.generations.read(number)
        self.thin = [self._layer(e) for e in self.generation.thin]
        self.whole = [self._layer(e) for e in self.generation.whole]
        if self.generation.shared:
            self._load_shared(self.generation.shared)

    def _layer(self, entry: LayerEntry) -> Layer:
        return Layer(self._vault / "layers" / entry.name, self._keys.unwrap_key(entry.key, entry.identity))

    def _load_shared(self, entry: LayerEntry) -> None:
        key = self._keys.unwrap_key(entry.key, entry.identity)
        connection = open_layer(self._vault / "layers" / entry.name, key)
        try:
            self.ward_names = tuple(r[0] for r in connection.execute("select name from ward order by name"))
            self.beds = tuple(connection.execute("select ward, name, bed, state from bed").fetchall())
        except DriverError as fault:
            raise translate(fault) from None
        finally:
            connection.close()

    @property
    def number(self) -> int:
        return self.generation.number

    @property
    def clocks(self) -> tuple[ClockEntry, ...]:
        return self.generation.clocks

    def close(self) -> None:
        for layer in (*self.thin, *self.whole):
            layer.close()
        self.thin, self.whole = [], []

    def refresh(self) -> bool:
        """Opens the list that the pointer names now. Returns whether it is another one.

        After a fall-back the list that failed is not tried again; the next cut's is.
        """
        used, pinned = self.generations.pointer()
        if used == self._pointed and pinned == self.pinned:
            return False
        self.close()
        self.fallen_back = ""
        self._open(None)
        return True

    def interrupt(self) -> None:
        """Stops a query that runs in another thread; that call then raises the driver's interruption."""
        for layer in (*self.thin, *self.whole):
            layer.connection.interrupt()

    def guarded(self, ask: Callable[[], _T]) -> _T:
        """Asks; where a page does not verify, falls back to the last list whose layers all do, and asks again."""
        try:
            return ask()
        except DriverError as fault:
            ours = translate(fault)
            if not isinstance(ours, StoreDamaged):
                raise ours from None
            self._fall_back()
            return ask()

    def _fall_back(self) -> None:
        bad = self.number
        self.close()
        for number in reversed([n for n in self.generations.numbers() if n != bad]):
            try:
                held = self.generations.read(number)
                if all(sha256_of(self._vault / "layers" / e.name) == e.sha256 for e in held.layers()):
                    self._load(number)
                    self.fallen_back = "vault.damaged"
                    return
            except (StoreDamaged, StoreMissing, StoreNewer, OSError):
                self.close()
        raise StoreDamaged("No generation verifies any more.")

    def verify(self) -> list[str]:
        """Names of layers whose bytes are not those of the list (replay or damage)."""
        return [e.name for e in self.generation.layers() if not _matches(self._vault / "layers" / e.name, e.sha256)]

    # -- reading ------------------------------------------------------------------------------------------------

    def locate(self, patient: str) -> tuple[Layer, int] | None:
        """Where a person is read: the topmost layer of `whole` that has them, else of `thin`."""
        for stack in (self.whole, self.thin):
            for layer in stack:
                found = layer.locate(patient)
                if found is not None:
                    if found[1]:
                        break  # a tombstone ends this stack
                    return layer, found[0]
        return None

    def view(self, patient: str) -> PatientView | None:
        place = self.locate(patient)
        return place[0].view(place[1]) if place else None

    def read(self, patient: str) -> tuple[PatientView, list[Record]] | None:
        place = self.locate(patient)
        return (place[0].view(place[1]), place[0].records(place[1])) if place else None

    def instances(self, patient: str) -> list[Record]:
        """The imaging instances of a person; [] where this copy does not know them."""
        place = self.locate(patient)
        return place[0].instances(place[1]) if place else []

    def blob(self, digest: str) -> bytes | None:
        """The embedded file that a record names by its SHA-256; None where this copy does not hold it (a laptop that only
        pulls). Raises vault.damaged."""
        if self._blobs is None:
            self._blobs = BlobStore(self._vault / "blobs", self._keys.blobs_key())
        return self._blobs.get(digest)

    def find(self, text: str, limit: int) -> list[PatientView]:
        """People whose words begin with those of `text`, in name order, at most `limit`."""
        expression = query(text, self.ward_names)
        if not expression:
            return []
        hits: list[tuple[str, Layer, bytes]] = []
        for stack, above in ((self.whole, ()), (self.thin, tuple(self.whole))):
            for n, layer in enumerate(stack):
                hits += self._hits(layer, expression, limit, stack[:n], above)
        hits.sort(key=lambda h: h[0])
        return [layer.codec.view(body) for _, layer, body in hits[:limit]]

    def _hits(
        self, layer: Layer, expression: str, limit: int, upper: list[Layer], whole: tuple[Layer, ...]
    ) -> Iterator[tuple[str, Layer, bytes]]:
        """Unshadowed hits of one layer: asked on until `limit` of them (D1 Search)."""
        found = 0
        rows = layer.connection.execute(
            "select p.id, p.sort, p.body from words join patient p on p.pid=words.rowid where words match ? order by"
            " words.rowid",
            (expression,),
        )
        while found < limit and (some := rows.fetchmany(min(limit, 200))):
            hidden = self._shadowed([r[0] for r in some], upper, whole)
            for one, sort, body in some:
                if one not in hidden and found < limit:
                    yield sort, layer, body
                    found += 1

    @staticmethod
    def _shadowed(ids: list[str], upper: list[Layer], whole: tuple[Layer, ...]) -> set[str]:
        """Those that a layer above says something of, or that are alive in `whole`: one question a layer for all."""
        hidden: set[str] = set()
        for layer in upper:
            hidden |= layer.states(ids).keys()
        left = [i for i in ids if i not in hidden]
        for layer in whole:
            if not left:
                break
            states = layer.states(left)
            hidden |= {one for one, gone in states.items() if not gone}
            left = [i for i in left if i not in states]
        return hidden

    @staticmethod
    def _alive(whole: tuple[Layer, ...], one: str) -> bool:
        for layer in whole:
            found = layer.locate(one)
            if found is not None:
                return not found[1]
        return False

    def _selected(self, where: str, *values: object) -> Iterator[PatientView]:
        """Whom a partial index of the layers names; `where` repeats its condition and `+pid` stands for `pid`, or a million
        rows would be read instead."""
        for stack, above in ((self.whole, ()), (self.thin, tuple(self.whole))):
            for n, layer in enumerate(stack):
                rows = layer.connection.execute(
                    f"select id, body from patient where {where} and gone=0 order by +pid", values
                ).fetchall()
                for start in range(0, len(rows), 500):
                    some = rows[start : start + 500]
                    hidden = self._shadowed([r[0] for r in some], stack[:n], above)
                    yield from (layer.codec.view(body) for one, body in some if one not in hidden)

    def in_ward(self, ward: str) -> list[PatientView]:
        return list(self._selected("ward=? and ward<>''", glued(ward)))

    def inpatients(self) -> list[PatientView]:
        """Everybody who lies in a ward of this copy."""
        return list(self._selected("ward<>''"))

    def with_pending(self) -> list[PatientView]:
        return list(self._selected("pending>0"))

    def appointments(self) -> list[tuple[PatientView, Record]]:
        """Every appointment of the copy with whose it is; each person from the topmost layer that has them."""
        found: list[tuple[PatientView, Record]] = []
        for n, layer in enumerate(self.whole):
            held: dict[int, list[Record]] = {}
            for pid, record in layer.appointments():
                held.setdefault(pid, []).append(record)
            for pid, records in held.items():
                view = layer.view(pid)
                if not self._shadowed([view.id], self.whole[:n], ()):
                    found += [(view, record) for record in records]
        return found

    def holders(self, studies: Collection[str]) -> dict[str, tuple[frozenset[str], ...]]:
        """Study Instance UID -> the ids of each person under whom this copy has that study. Reads every study of the copy:
        asked only where images were moved, and once for a generation."""
        found: dict[str, dict[str, frozenset[str]]] = {}
        for n, layer in enumerate(self.whole):
            for pid, record in layer.studies():
                if isinstance(record, ImagingStudy) and record.uid in studies:
                    view = layer.view(pid)
                    if not self._shadowed([view.id], self.whole[:n], ()):
                        found.setdefault(record.uid, {})[view.id] = frozenset((view.id, *view.ids))
        return {uid: tuple(people.values()) for uid, people in found.items()}

    def wards(self) -> tuple[str, ...]:
        """Ward names: places of type `wa`, and wards that somebody lies in."""
        names = {glued(n): n for n in self.ward_names}
        for layer in (*self.whole, *self.thin):
            for key, one in layer.connection.execute("select ward, min(pid) from patient where ward<>'' group by ward"):
                if key not in names:
                    names[key] = layer.view(one).ward
        return tuple(sorted(names.values()))

    def everyone(self, limit: int) -> list[PatientView]:
        """The first `limit` people in name order."""
        streams = []
        for stack, above in ((self.whole, ()), (self.thin, tuple(self.whole))):
            for n, layer in enumerate(stack):
                streams.append(self._names(layer, stack[:n], above))
        merged = heapq.merge(*streams, key=lambda h: h[0])
        return [view for _, (_, view) in zip(range(limit), merged, strict=False)]

    def _names(self, layer: Layer, upper: list[Layer], whole: tuple[Layer, ...]) -> Iterator[tuple[str, PatientView]]:
        for one, sort, body in layer.connection.execute("select id, sort, body from patient where gone=0 order by pid"):
            if not any(u.locate(one) for u in upper) and not self._alive(whole, one):
                yield sort, layer.codec.view(body)


def _matches(path: Path, sha256: str) -> bool:
    try:
        return sha256_of(path) == sha256
    except OSError:
        return False
