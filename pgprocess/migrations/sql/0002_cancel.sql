-- Cancel every task of a cancelled job that is not settled. The rule wake tells the workers that run some of them.
CREATE OR REPLACE FUNCTION pgprocess_cancel(job bigint)
RETURNS void LANGUAGE sql AS $$
    UPDATE pgprocess_jobtask SET status = 'cancelled', reason = 'the job was cancelled'
     WHERE job_id = job AND pgprocess_status_class(status) = 'open'
$$;
