-- The older program takes every version as in force; of those of one first day, the highest.
DO $$ BEGIN
IF EXISTS (SELECT 1
    FROM policies p
    WHERE NOT p.historical AND NOT EXISTS (SELECT 1 FROM policy_approvals a
        WHERE a.policy_id = p.id AND a.version = p.version)
    AND NOT EXISTS (SELECT 1 FROM policies q
        JOIN policy_approvals b ON b.policy_id = q.id AND b.version = q.version
        WHERE q.from_day = p.from_day
        AND (q.version > p.version OR q.version = p.version AND q.id > p.id)))
THEN RAISE EXCEPTION 'a policy version that nobody approved would come into force: approve it, or a later one of the same first day, before going back';
END IF;
END $$;
ALTER TABLE draws DROP COLUMN campaigns;
DROP TABLE campaign_closures;
DROP TABLE campaign_approvals;
DROP TABLE campaigns;
DROP TABLE policy_approvals;
ALTER TABLE policies DROP COLUMN targeting_exponent_milli;
