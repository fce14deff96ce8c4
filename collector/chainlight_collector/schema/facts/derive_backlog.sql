-- From which instant on do derived rows lag behind the facts? One row per import step whose rows
-- are still to be derived; none where they are up to date. since_us: the earliest instant of a fact that
-- they may follow from; NULL: everything.
CREATE TABLE IF NOT EXISTS derive_backlog (since_us BIGINT);
