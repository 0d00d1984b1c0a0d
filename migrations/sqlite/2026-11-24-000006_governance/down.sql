ALTER TABLE draws DROP COLUMN campaigns;
DROP TABLE campaign_closures;
DROP TABLE campaign_approvals;
DROP TABLE campaigns;
DROP TABLE policy_approvals;
ALTER TABLE policies DROP COLUMN targeting_exponent_milli;
