"""Report PDFs of a record system's print service, filed to the patient by a documented pattern (DESIGN §4)."""
