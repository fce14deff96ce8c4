-- Is this call really so bad? One row per rule and edge: what to do, the money, the arithmetic and
-- what would make it wrong. "Leave alone" is a finding. Rules: product.md, the decision tree.
CREATE OR REPLACE VIEW findings AS
SELECT * FROM finding_t4
UNION ALL
SELECT * FROM finding_t6
UNION ALL
SELECT * FROM finding_t7
UNION ALL
SELECT * FROM finding_t8
UNION ALL
SELECT * FROM finding_t10;
