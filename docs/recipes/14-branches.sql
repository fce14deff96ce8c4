-- How often does a function take each of its branches, and which are error paths?
SELECT caller_function, callee_function, call_share, on_error_share
FROM branches
ORDER BY caller_function, call_share DESC;
