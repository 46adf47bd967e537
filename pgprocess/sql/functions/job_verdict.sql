-- Return how a job whose tasks are all settled ended: failed if any task failed that was not allowed to (the leaves
-- alone would hide it); else cancelled if any task was; else succeeded.
-- Returns one row, for a FROM, where Postgres plans the body together with the statement that asks.
CREATE OR REPLACE FUNCTION pgprocess_job_verdict(job bigint)
RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN bool_or(NOT allow_failure AND (status = 'failed' OR status = 'upstream_failed' AND error <> ''))
                THEN 'failed'
                WHEN bool_or(status = 'cancelled') THEN 'cancelled'
                ELSE 'succeeded' END
      FROM pgprocess_jobtask WHERE job_id = job
$$;
