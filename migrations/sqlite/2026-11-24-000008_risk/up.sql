-- How the draw is aimed: fitted risk models, which of them is active since when, and how their scores become factors.
CREATE TABLE risk_models (
    version INTEGER PRIMARY KEY NOT NULL,
    as_of DATE NOT NULL,
    recipe TEXT NOT NULL,
    recipe_sha256 TEXT NOT NULL,
    lessons BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    lessons_sha256 TEXT NOT NULL,
    currency TEXT,
    summary TEXT NOT NULL,
    model TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    backtest TEXT NOT NULL,
    fitted_at TIMESTAMP NOT NULL,
    fitted_by TEXT NOT NULL,
    UNIQUE (recipe_sha256, as_of, lessons_sha256)
);
-- The last one says what is active: a version, or none after a withdrawal.
CREATE TABLE risk_activations (
    number INTEGER PRIMARY KEY NOT NULL,
    version INTEGER REFERENCES risk_models (version),
    kind TEXT NOT NULL,
    note TEXT,
    actor TEXT NOT NULL,
    activated_at TIMESTAMP NOT NULL
);
-- How the scores of a model become factors under the rules that are in force on a day.
CREATE TABLE risk_scales (
    version INTEGER NOT NULL REFERENCES risk_models (version),
    in_force_sha256 TEXT NOT NULL,
    rule TEXT NOT NULL,
    declarations BIGINT NOT NULL,
    scale TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (version, in_force_sha256, rule)
);
ALTER TABLE draws ADD COLUMN in_force_sha256 TEXT;
-- What the score saw of the exporter when the frame was frozen, and what it said, in 1e-9.
ALTER TABLE candidates ADD COLUMN score_ppb BIGINT;
ALTER TABLE candidates ADD COLUMN past TEXT;
ALTER TABLE sample_items ADD COLUMN score_ppb BIGINT;
ALTER TABLE sample_items ADD COLUMN past TEXT;
ALTER TABLE sample_items ADD COLUMN contributions TEXT;
-- Append-only: what happened is never edited.
CREATE TRIGGER risk_models_no_update BEFORE UPDATE ON risk_models BEGIN SELECT RAISE(ABORT, 'risk_models is append-only'); END;
CREATE TRIGGER risk_models_no_delete BEFORE DELETE ON risk_models BEGIN SELECT RAISE(ABORT, 'risk_models is append-only'); END;
CREATE TRIGGER risk_activations_no_update BEFORE UPDATE ON risk_activations BEGIN SELECT RAISE(ABORT, 'risk_activations is append-only'); END;
CREATE TRIGGER risk_activations_no_delete BEFORE DELETE ON risk_activations BEGIN SELECT RAISE(ABORT, 'risk_activations is append-only'); END;
CREATE TRIGGER risk_scales_no_update BEFORE UPDATE ON risk_scales BEGIN SELECT RAISE(ABORT, 'risk_scales is append-only'); END;
CREATE TRIGGER risk_scales_no_delete BEFORE DELETE ON risk_scales BEGIN SELECT RAISE(ABORT, 'risk_scales is append-only'); END;
