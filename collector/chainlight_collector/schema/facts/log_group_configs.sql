-- Which log groups there are: one row per log group and change. The newest observed_us is current.
-- Natural key: log_group, observed_us; a row is added only where it differs from the newest.
-- log_class: 'STANDARD', 'INFREQUENT_ACCESS', 'ESSENTIALS', 'DELIVERY'. unread_reason says why it is
-- not read, NULL where it is.
CREATE TABLE IF NOT EXISTS log_group_configs (
    log_group VARCHAR,
    log_group_arn VARCHAR,
    log_class VARCHAR,
    retention_days INTEGER,
    created_us BIGINT,
    unread_reason VARCHAR,
    observed_us BIGINT,
    day DATE
);
