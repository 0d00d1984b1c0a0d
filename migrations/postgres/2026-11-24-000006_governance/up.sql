-- How policies and campaigns aim, and who stands for them.
ALTER TABLE policies ADD COLUMN targeting_exponent_milli INTEGER;
