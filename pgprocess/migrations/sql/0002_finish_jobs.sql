-- Count the tasks that settled or came back in their jobs, and give a job with nothing left its end status.
-- Planned with the recipe IN BULK: a plan from when there was one job would read all jobs, or compare each with each.
CREATE OR REPLACE FUNCTION pgprocess_finish_jobs(changes pgprocess_change[])
RETURNS void LANGUAGE plpgsql
SET enable_nestloop = off SET enable_hashjoin = on AS $$
BEGIN
    WITH change AS (
        SELECT job_id AS id,
               sum((pgprocess_status_class(is_now) = 'open')::int
                   - (pgprocess_status_class(was) = 'open')::int)::int AS unsettled,
               sum((is_now = 'failed')::int - (was = 'failed')::int)::int AS failed
          FROM unnest(changes)
         WHERE job_id IS NOT NULL
         GROUP BY job_id
    )
    UPDATE pgprocess_job AS job
       SET tasks_left = job.tasks_left + change.unsettled,
           tasks_failed = job.tasks_failed + change.failed,
           status = CASE WHEN job.tasks_left + change.unsettled > 0
                          AND (job.cancelled_at IS NULL OR change.unsettled > 0) THEN 'running'
                         WHEN job.cancelled_at IS NOT NULL THEN 'cancelled'
                         ELSE (SELECT * FROM pgprocess_job_verdict(job.id)) END
      FROM change
     WHERE job.id = change.id AND job.id = ANY (ARRAY(SELECT id FROM change))
       AND (change.unsettled <> 0 OR change.failed <> 0 OR job.tasks_left = 0);
END
$$;
