ALTER TABLE candidates DROP COLUMN directive;
DROP INDEX draws_frozen;
DROP TABLE auditor_secrets;
DROP TABLE entropy_releases;
DROP TABLE auditor_commitments;
DROP TABLE entropy_settings;
