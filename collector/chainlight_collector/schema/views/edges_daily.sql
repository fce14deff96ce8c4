-- The same as edges, day by day (UTC): does an edge change?
-- One row per (caller, callee, kind, mode, day); times in microseconds, money in US dollars.
CREATE OR REPLACE VIEW edges_daily AS
SELECT * FROM edges_of(TRUE);
