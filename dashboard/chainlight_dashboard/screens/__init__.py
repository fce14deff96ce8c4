"""One script per page: layout only, at most 80 lines, no SQL and no arithmetic."""
