"""One patient: banner, allergies, and the seven sections of the record (LOOK look/04 to 07)."""
