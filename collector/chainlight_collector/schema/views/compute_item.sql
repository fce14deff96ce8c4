-- Under which item of the price book does compute fall? By how the environment was initialised.
CREATE OR REPLACE MACRO compute_item(init_type) AS
CASE WHEN init_type = 'provisioned-concurrency' THEN 'lambda_provisioned_gb_s' ELSE 'lambda_gb_s' END;
