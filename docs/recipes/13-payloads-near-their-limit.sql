-- Which payloads come near their carrier's limit?
SELECT caller_function, callee_function, kind, payload_p99_bytes, payload_limit_bytes,
    payload_p99_bytes * 1.0 / payload_limit_bytes AS used_share
FROM edges
WHERE payload_p99_bytes > 0
ORDER BY used_share DESC NULLS LAST
LIMIT 20;
