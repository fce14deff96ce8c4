-- Frees what the deletion needed.
DROP TABLE kept_requests;
DROP TABLE kept_chains;
DROP TABLE drawn_in;
