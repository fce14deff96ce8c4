-- Which requests do new segments speak of? Those that the touched traces show now or showed before.
INSERT INTO touched_requests
SELECT request_id FROM touched_xray_requests
EXCEPT
SELECT request_id FROM touched_requests;

DROP TABLE touched_xray_requests;
