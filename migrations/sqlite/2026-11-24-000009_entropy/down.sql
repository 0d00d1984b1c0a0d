-- The older program takes every draw as drawn, with one key. RAISE stands in triggers only.
CREATE TABLE two_parties (id TEXT NOT NULL);
CREATE TRIGGER two_parties_refused BEFORE INSERT ON two_parties BEGIN SELECT RAISE(ABORT, 'a draw with an auditor or a beacon cannot be published by the older program: there is no way back behind it'); END;
INSERT INTO two_parties (id) SELECT id FROM draws WHERE entropy <> 'none';
DROP TABLE two_parties;
ALTER TABLE candidates DROP COLUMN directive;
DROP INDEX draws_frozen;
DROP TABLE auditor_secrets;
DROP TABLE entropy_releases;
DROP TABLE auditor_commitments;
DROP TABLE entropy_settings;
