-- For each job that just ended, count its process's failures, write alerts and start the next buffered job.
-- Skipped when no process involved needs any of that, which is the usual case: the first look is at the processes
-- alone, whatever the number of jobs.
CREATE OR REPLACE FUNCTION pgprocess_job_after_update()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM new_rows WHERE status <> 'running') THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM new_rows WHERE status = 'failed')
       OR EXISTS (
          SELECT FROM pgprocess_process AS process
           WHERE id IN (SELECT DISTINCT process_id FROM new_rows WHERE status <> 'running')
             AND (failures > 0 OR ping_url <> '' OR overlap NOT IN ('skip', 'allow')
                  OR EXISTS (SELECT FROM pgprocess_job WHERE process_id = process.id AND buffered)))
    THEN
        PERFORM pgprocess_job_ended_effects(job)
           FROM (SELECT job FROM pgprocess_job AS job
                  WHERE id = ANY (ARRAY(SELECT id FROM new_rows WHERE status <> 'running'
                                        EXCEPT
                                        SELECT id FROM old_rows WHERE status <> 'running' OR buffered))
                  ORDER BY id) AS job;
    END IF;
    RETURN NULL;
END
$$;
