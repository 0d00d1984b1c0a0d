DROP TABLE import_rows;
DROP TABLE imports;
DROP TABLE declaration_revisions;
DROP TABLE declarations;
