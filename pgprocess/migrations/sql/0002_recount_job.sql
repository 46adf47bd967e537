-- Count a running job's tasks and their parents anew, after somebody deleted some of its job tasks, and end the job
-- when nothing is left of it. A job of which no task is left at all is cancelled, but not before the end of the
-- transaction (last): somebody may be deleting the job itself. That is asked for each row that was deleted, so it does
-- nothing else.
CREATE OR REPLACE FUNCTION pgprocess_recount_job(job bigint, last boolean)
RETURNS void LANGUAGE plpgsql
SET jit = off SET enable_seqscan = off AS $$
BEGIN
    IF last AND EXISTS (SELECT FROM pgprocess_jobtask WHERE job_id = job) THEN RETURN; END IF;
    PERFORM FROM pgprocess_job WHERE id = job AND status = 'running' FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN; END IF;
    IF NOT EXISTS (SELECT FROM pgprocess_jobtask WHERE job_id = job) THEN
        IF last THEN
            UPDATE pgprocess_job
               SET status = 'cancelled', reason = 'its tasks were deleted',
                   tasks_total = 0, tasks_left = 0, tasks_failed = 0
             WHERE id = job;
        END IF;
        RETURN;
    END IF;

    UPDATE pgprocess_job AS run
       SET tasks_total = task.total, tasks_left = task.unsettled, tasks_failed = task.failed
      FROM (SELECT count(*) AS total,
                   count(*) FILTER (WHERE pgprocess_status_class(status) = 'open') AS unsettled,
                   count(*) FILTER (WHERE status = 'failed') AS failed
              FROM pgprocess_jobtask WHERE job_id = job) AS task
     WHERE run.id = job;

    PERFORM pgprocess_recount_parents(job);
    UPDATE pgprocess_job SET status = (SELECT * FROM pgprocess_job_verdict(job))
     WHERE id = job AND status = 'running' AND tasks_left = 0;
END
$$;
