ALTER TABLE sample_items DROP COLUMN contributions;
ALTER TABLE sample_items DROP COLUMN past;
ALTER TABLE sample_items DROP COLUMN score_ppb;
ALTER TABLE candidates DROP COLUMN past;
ALTER TABLE candidates DROP COLUMN score_ppb;
ALTER TABLE draws DROP COLUMN in_force_sha256;
DROP TABLE risk_scales;
DROP TABLE risk_activations;
DROP TABLE risk_models;
