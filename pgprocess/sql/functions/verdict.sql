-- How a job whose tasks are all settled ended.
CREATE OR REPLACE FUNCTION pgprocess_verdict(job bigint)
RETURNS text LANGUAGE plpgsql STABLE
SET jit = off SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (SELECT FROM pgprocess_jobtask WHERE job_id = job AND NOT allow_failure
                  AND (status = 'failed' OR status = 'upstream_failed' AND error <> '')) THEN
        RETURN 'failed';
    ELSIF EXISTS (SELECT FROM pgprocess_jobtask WHERE job_id = job AND status = 'cancelled') THEN
        RETURN 'cancelled';
    END IF;
    RETURN 'succeeded';
END
$$;
