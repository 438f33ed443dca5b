"""Temporary numbers and names of unknown patients, as far as they are arithmetic and words (CLINICAL §1.3, §7.3).

Rules: the space of seven digits is shuffled by a secret key, so that packs dealt one after the other never overlap and no
number tells which came before it; a number bears its ODS prefix and a check character. Who was dealt what, and which
number is burnt, stands in the journal (`localdb.journal.dealing`, `localdb.journal.numbers`). Does no I/O but the list
of words that ships with Wardlamp.
"""
