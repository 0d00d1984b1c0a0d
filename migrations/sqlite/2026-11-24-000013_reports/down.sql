-- What was published is not thrown away. RAISE stands in triggers only.
CREATE TABLE published (period TEXT NOT NULL);
CREATE TRIGGER published_refused BEFORE INSERT ON published BEGIN SELECT RAISE(ABORT, 'a published report is kept for good: there is no way back behind it'); END;
INSERT INTO published (period) SELECT period FROM report_publications;
DROP TABLE published;
DROP TABLE report_publications;
