-- Which subscriptions and rules send what they could not deliver where: one row per route and change.
-- Natural key: route_id, observed_us; a row is added only where it differs from the newest.
-- kind: 'sns' a subscription with a redrive policy, 'eventbridge' a rule's target with a DLQ, 'topic' a
-- queue that is subscribed to a topic of dead letters, 'bus' a rule that sends failed invocations on.
-- source_arn is the topic or rule, target_arn what should have got the event; dlq_arn is NULL once
-- the route has gone.
CREATE TABLE IF NOT EXISTS dead_letter_routes (
    route_id VARCHAR,
    kind VARCHAR,
    source_arn VARCHAR,
    target_arn VARCHAR,
    dlq_arn VARCHAR,
    observed_us BIGINT,
    day DATE
);
