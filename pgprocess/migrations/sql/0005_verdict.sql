-- How a job whose tasks are all settled ended.
CREATE OR REPLACE FUNCTION pgprocess_verdict(job bigint)
RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN bool_or(NOT allow_failure AND (status = 'failed' OR status = 'upstream_failed' AND error <> ''))
                    THEN 'failed'
                    WHEN bool_or(status = 'cancelled') THEN 'cancelled'
                    ELSE 'succeeded' END
          FROM pgprocess_jobtask WHERE job_id = job);
END
$$;
