-- When did the touched executions begin by the traces and histories of others, now and before? Nothing
-- of them began before touched_from_us (counted_requests.sql), which only knows their lines yet.
SET VARIABLE touched_from_us = (
    SELECT MIN(began_us)
    FROM (
        SELECT getvariable('touched_from_us') AS began_us
        UNION ALL
        SELECT getvariable('foreign_from_us')
        UNION ALL
        SELECT MIN(started_us) FROM xray_node_rows
        WHERE request_id IN (SELECT request_id FROM touched_requests)
        UNION ALL
        SELECT MIN(started_us) FROM service_rows
        WHERE request_id IN (SELECT request_id FROM touched_requests)
        UNION ALL
        SELECT MIN(scheduled_us) FROM execution_task_rows
        WHERE execution_arn IN (SELECT request_id FROM touched_requests)
        UNION ALL
        SELECT MIN(started_us) FROM new_calls
        UNION ALL
        SELECT MIN(started_us) FROM new_attempts
    )
);
