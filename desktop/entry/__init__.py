"""Writing during downtime: observations, results by phone, notes, requests. Nothing typed is lost (DESIGN §1.2)."""
