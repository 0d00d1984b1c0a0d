ALTER TABLE policies DROP COLUMN targeting_exponent_milli;
