"""Everything that the collector refuses, one class per cause.

ChainlightError
├── StoreError
│   ├── StoreMissingError      there is no database at that path
│   ├── StoreLockedError       another process owns the file
│   ├── StoreUnreadableError   not a DuckDB file, or a damaged one
│   ├── SchemaMismatchError    written by another version of chainlight, or not by chainlight
│   ├── StoreConflictError     another writer committed first: the step has to be done again
│   └── StoreFullError         the disk is full
├── SourceError                an AWS source answered something that stops this run
├── ImportFileError            a file to import is missing or cannot be opened
├── RedriveError               a dead letter cannot be set on its way again
├── QueryError                 the SQL of a user does not run
└── UsageError                 options that do not go together

A message says what was read, what was expected and what to do next.
"""

from __future__ import annotations


class ChainlightError(Exception):
    """Be the base of everything that the collector raises on purpose."""


class StoreError(ChainlightError):
    """Tell that the database cannot be used."""


class StoreMissingError(StoreError):
    """Tell that there is no database at that path."""


class StoreLockedError(StoreError):
    """Tell that another process owns the database file."""


class StoreUnreadableError(StoreError):
    """Tell that the file is no DuckDB database, or a damaged one."""


class SchemaMismatchError(StoreError):
    """Tell that the database was written by another version, or not by chainlight."""


class StoreConflictError(StoreError):
    """Tell that another writer committed first; nothing was kept, and the step can be redone."""


class StoreFullError(StoreError):
    """Tell that the disk ran full; the transaction was rolled back."""


class SourceError(ChainlightError):
    """Tell that an AWS source answered something that stops this run."""


class ImportFileError(ChainlightError):
    """Tell that a file to import is missing or cannot be opened."""


class RedriveError(ChainlightError):
    """Tell that a dead letter cannot be set on its way again, and why."""


class QueryError(ChainlightError):
    """Tell that the SQL of a user does not run."""


class UsageError(ChainlightError):
    """Tell that options were given that do not go together."""
