-- A job was cancelled: so is everything in it that is not settled. Workers that run some of it are told by wake.
CREATE OR REPLACE FUNCTION pgprocess_cancel(job bigint)
RETURNS void LANGUAGE sql AS $$
    UPDATE pgprocess_jobtask SET status = 'cancelled', reason = 'the job was cancelled'
     WHERE job_id = job AND status IN ('awaiting', 'scheduled', 'ready', 'running')
$$;
