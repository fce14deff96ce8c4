-- What did this look into a queue find? Adds its one row, unless it is there already.
INSERT INTO dead_letter_scans BY NAME
SELECT new.*, day_of(new.scanned_us) AS day
FROM (
    SELECT
        $queue_arn AS queue_arn,
        $scanned_us AS scanned_us,
        $is_complete AS is_complete,
        $messages_count AS messages_count,
        CAST($message_ids AS VARCHAR[]) AS message_ids,
        $reason AS reason
) AS new
ANTI JOIN dead_letter_scans AS old
    ON new.queue_arn = old.queue_arn AND new.scanned_us = old.scanned_us;
