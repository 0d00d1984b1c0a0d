DROP TABLE amendments;
DROP TABLE inspections;
