DROP TABLE lessons;
DROP TABLE imported_results;
DROP TABLE result_imports;
