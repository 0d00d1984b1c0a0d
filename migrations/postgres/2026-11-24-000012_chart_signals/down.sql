-- The older program knows no signals of charts, and what was raised is not thrown away.
DO $$ BEGIN
IF EXISTS (SELECT 1 FROM signals WHERE office = '-' OR kind IN ('rate_above_limit', 'rate_below_limit', 'rate_drift'))
THEN RAISE EXCEPTION 'a signal of a chart cannot be read by the older program: there is no way back behind it';
END IF;
END $$;
DROP TABLE chart_evaluations;
ALTER TABLE signals ADD CONSTRAINT signals_office_fkey FOREIGN KEY (office) REFERENCES offices (code);
