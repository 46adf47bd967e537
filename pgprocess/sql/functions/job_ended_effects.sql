-- Apply the effects of one job's end: count its process's failures in a row, pause the process where its policy says
-- so, write the alerts, and start the next job in the line. A job of a backfill neither counts nor pauses.
CREATE OR REPLACE FUNCTION pgprocess_job_ended_effects(job pgprocess_job)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    process pgprocess_process;
    at_most int;
BEGIN
    SELECT * INTO process FROM pgprocess_process WHERE id = job.process_id;
    at_most := CASE WHEN process.run_if_failed THEN process.pause_after_failures ELSE 1 END;
    IF job.status = 'failed' THEN
        INSERT INTO pgprocess_alert (process_id, job_id, kind) VALUES (job.process_id, job.id, 'failed');
    ELSIF job.status = 'succeeded' AND process.ping_url <> '' THEN
        INSERT INTO pgprocess_alert (process_id, job_id, kind) VALUES (job.process_id, job.id, 'ping');
    END IF;
    IF job.status = 'failed' AND job.backfill_id IS NULL THEN
        UPDATE pgprocess_process SET failures = failures + 1 WHERE id = job.process_id RETURNING * INTO process;
        IF process.is_active AND at_most > 0 AND process.failures % at_most = 0 THEN
            UPDATE pgprocess_process
               SET is_active = false, paused_by = '',
                   paused_reason = CASE at_most WHEN 1 THEN format('job %s failed', job.id)
                                   ELSE format('%s jobs in a row failed, the last is job %s', failures, job.id) END
             WHERE id = job.process_id;
        END IF;
    ELSIF job.status = 'succeeded' AND job.backfill_id IS NULL AND process.failures > 0 THEN
        UPDATE pgprocess_process SET failures = 0 WHERE id = job.process_id;
        INSERT INTO pgprocess_alert (process_id, job_id, kind) VALUES (job.process_id, job.id, 'recovered');
    END IF;
    IF job.status = 'failed' OR job.status = 'succeeded' AND (process.failures > 0 OR process.ping_url <> '') THEN
        PERFORM pg_notify('pgprocess_cron', 'alert');
    END IF;
    PERFORM pgprocess_start_buffered_jobs(job.process_id, job.backfill_id);
END
$$;
