-- The older program takes every draw as drawn, with one key.
DO $$ BEGIN
IF EXISTS (SELECT 1 FROM draws WHERE entropy <> 'none')
THEN RAISE EXCEPTION 'a draw with an auditor or a beacon cannot be published by the older program: there is no way back behind it';
END IF;
END $$;
ALTER TABLE candidates DROP COLUMN directive;
DROP INDEX draws_frozen;
DROP TABLE auditor_secrets;
DROP TABLE entropy_releases;
DROP TABLE auditor_commitments;
DROP TABLE entropy_settings;
