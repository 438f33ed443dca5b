"""The one door to SQLCipher: opening, schema, intake, layers, cuts, search. Nothing else opens a database."""
