"""The intake's schema, as numbered steps (DESIGN D1). A released step is never changed."""

from __future__ import annotations

from localdb.store.clocks import CLOCK_STEP
from localdb.store.image_room import IMAGE_STEP

STEPS: tuple[str, ...] = (
    """
    create table meta(k text primary key, v) without rowid;
    create table clock(
        source text, kind text, cut text, cut_utc integer, heartbeat text, last_message text,
        coverage text not null default '', state text not null default 'complete',
        primary key(source, kind)) without rowid;
    create table original(id integer primary key, source text, file text, sha256 text, frame blob);
    create table unit(
        id text primary key, source text, type text, source_id text, version text, number integer, updated integer,
        digest blob, original integer, start integer, length integer, seq integer) without rowid;
    create table record(
        patient text, id text, unit text, kind text, seq integer, body blob, primary key(patient, id)) without rowid;
    create index record_unit on record(unit);
    create table former(
        patient text, id text, seq integer, kind text, body blob, primary key(patient, id, seq)) without rowid;
    create table referred(key text primary key, source text, seq integer, body blob) without rowid;
    create table mention(target text, patient text, primary key(target, patient)) without rowid;
    create table patient(
        id text primary key, source text, source_id text, seq integer, person text, born text, family text,
        given text) without rowid;
    create index patient_seq on patient(seq);
    create index patient_person on patient(person);
    create table identifier(value text, system text, patient text, primary key(value, system, patient)) without rowid;
    create index identifier_patient on identifier(patient);
    create table link(
        id integer primary key, patient text, other text, type text, said text, made text, made_by text,
        undone text, undone_by text);
    create index link_patient on link(patient);
    create index link_other on link(other);
    create table waiting(
        unit text primary key, wants text, source text, file text, cut text, body blob, frame blob, since text);
    create index waiting_wants on waiting(wants);
    create table aside(
        id integer primary key, source text, file text, position integer, type text, source_id text, code text,
        reason text, sha256 text, frame blob, first_seen text, last_seen text, times integer not null default 1,
        settled text, unique(source, file, position, code, sha256));
    create table fill(
        id integer primary key, started text, ended text, source text, units integer, seq integer, outcome text)
    """,
    # What messages told, fact by fact; a record is the fold of its facts (`records.folding`). Rows are appended, so that a
    # message writes few pages; the two indexes are what a fact is found by.
    """
    create table fact(
        arrival integer primary key, id text, patient text, ord integer, tie integer, unit text, kind text, body blob,
        cleared text, partial integer, encounter text);
    create index fact_id on fact(id);
    create index fact_encounter on fact(encounter) where encounter<>'';
    create table move(
        arrival integer primary key, encounter text, former text, patient text, ord integer, unit text, made text);
    create index move_encounter on move(encounter);
    create table link_event(
        arrival integer primary key, one text, two text, patient text, other text, type text, ord integer, undo integer,
        said text, unit text, made text, made_by text);
    create index link_event_pair on link_event(one, two);
    alter table link add column origin text not null default 'record';
    update link set origin='hand' where made_by<>'source';
    insert into link_event(one, two, patient, other, type, ord, undo, said, unit, made, made_by)
        select min(patient,other), max(patient,other), patient, other, type, 0, undo, '', '', at, who from (
            select patient, other, type, 0 as undo, made as at, made_by as who from link where made_by<>'source'
            union all
            select patient, other, type, 1, undone, undone_by from link
                where undone is not null and undone_by<>'source') order by at;
    create table blob(sha256 text primary key, media_type text, size integer, unit text) without rowid
    """,
    CLOCK_STEP,
    IMAGE_STEP,
)
