-- Start a job whose turn has come: the tasks that waited for that go on. A job that was skipped runs after all; a job
-- that is over runs once more from its first tasks on.
CREATE OR REPLACE FUNCTION pgprocess_start_job(job pgprocess_job)
RETURNS void LANGUAGE plpgsql SET jit = off SET enable_seqscan = off AS $$
DECLARE
    later timestamptz := CASE WHEN job.run_at > now() THEN job.run_at END;
BEGIN
    IF job.status = 'skipped' THEN
        UPDATE pgprocess_job SET status = 'running' WHERE id = job.id;
    ELSIF job.status = 'running' THEN
        UPDATE pgprocess_job SET started_at = coalesce(later, clock_timestamp())
         WHERE id = job.id AND started_at IS NULL;
        UPDATE pgprocess_jobtask SET run_at = later
         WHERE job_id = job.id AND status = 'awaiting' AND run_at = pgprocess_waiting_forever();
        UPDATE pgprocess_jobtask SET run_at = later, status = CASE WHEN later IS NULL THEN 'ready' ELSE status END
         WHERE job_id = job.id AND status = 'scheduled' AND run_at = pgprocess_waiting_forever();
    ELSE
        UPDATE pgprocess_jobtask SET status = 'awaiting', reason = 'its slot is run again'
         WHERE job_id = job.id AND parents_total = 0;
    END IF;
END
$$;
