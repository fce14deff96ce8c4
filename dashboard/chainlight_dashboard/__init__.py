"""The dashboard: reads a snapshot of the database and never writes; `python -m` serves it."""
