-- How sure is all this?
SELECT l.evidence, COUNT(*) AS links_count, COUNT(*) FILTER (WHERE l.has_skew) AS skewed_count,
    (SELECT AVG(linked_share) FROM coverage) AS linked_share,
    (SELECT SUM(rejects_count) FROM coverage) AS rejects_count
FROM links AS l
GROUP BY l.evidence
ORDER BY links_count DESC;
