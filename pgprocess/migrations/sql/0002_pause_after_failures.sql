-- Count a job that failed among its process's failures in a row, and pause the process where its policy says so: after
-- the first one with run_if_failed off, else after every pause_after_failures (0: never).
CREATE OR REPLACE FUNCTION pgprocess_pause_after_failures(job pgprocess_job)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    process pgprocess_process;
    at_most int;
BEGIN
    UPDATE pgprocess_process SET failures = least(failures, 999999999) + 1 WHERE id = job.process_id
    RETURNING * INTO process;
    at_most := CASE WHEN process.run_if_failed THEN process.pause_after_failures ELSE 1 END;
    IF (process.is_active OR pgprocess_has_ended(process)) AND at_most > 0 AND process.failures % at_most = 0 THEN
        UPDATE pgprocess_process
           SET is_active = false, paused_by = '',
               paused_reason = CASE at_most WHEN 1 THEN format('job %s failed', job.id)
                               ELSE format('%s jobs in a row failed, the last is job %s', failures, job.id) END
         WHERE id = job.process_id;
    END IF;
END
$$;
