-- How far each source was read: one row per source and shard, updated in the transaction that
-- brings the rows. position_us is the watermark (epoch microseconds); state is a source's own JSON.
CREATE TABLE IF NOT EXISTS checkpoints (
    source VARCHAR,
    shard VARCHAR,
    position_us BIGINT,
    state VARCHAR,
    updated_us BIGINT
);
