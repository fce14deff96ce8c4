"""What can go wrong between a page and its database; each message says what to do next.

DashboardError
├── DatabaseMissingError    no file there
├── DatabaseBusyError       a collector holds the file and has published no snapshot yet
├── DatabaseForeignError    not a chainlight database, one of another version, or a broken file
├── QueryRefusedError       the SQL page's child said no: the statement, its syntax, its rights
├── QueryStoppedError       the child hit a limit: time, memory, or the size of its answer
└── QueryNotSavedError      a name, a size or a number of saved queries that is not allowed
"""


class DashboardError(Exception):
    """Anything a page shows as a message instead of a chart."""


class DatabaseMissingError(DashboardError):
    """No file lies where `--db` points."""


class DatabaseBusyError(DashboardError):
    """Another process holds the file and there is no snapshot to read instead."""


class DatabaseForeignError(DashboardError):
    """The file does not open or not to its end, or lacks a table or column that a query needs."""


class QueryRefusedError(DashboardError):
    """The statement was not run, or failed while running."""


class QueryStoppedError(DashboardError):
    """The statement was stopped at a limit."""


class QueryNotSavedError(DashboardError):
    """The query was not kept; the message says what would be."""
