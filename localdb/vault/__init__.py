"""Keys: slots, unlocking, staff and roles (DESIGN D1; STACK-database §3).

Rules: `vault.json` and `device.json` hold no patient data and each has an identical copy beside it; they change only
when a slot or the device does; every key on disk is wrapped by the master key with its identity as associated data; the
master key is on disk only inside slots (Argon2id, AES-256-GCM); a wrong secret, damage, absence and a newer format are
four different errors. Does not open databases and knows no journal: `create_vault` is told by its caller what else to
furnish.
"""
