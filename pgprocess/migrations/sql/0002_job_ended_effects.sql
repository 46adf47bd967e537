-- Apply the effects of one job's end: write the alerts, count its process's failures in a row or forget them, and start
-- the next job in the line. A job of a backfill neither counts nor pauses.
CREATE OR REPLACE FUNCTION pgprocess_job_ended_effects(job pgprocess_job)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    process pgprocess_process;
BEGIN
    SELECT * INTO process FROM pgprocess_process WHERE id = job.process_id;
    IF job.status = 'failed' THEN
        INSERT INTO pgprocess_alert (process_id, job_id, kind) VALUES (job.process_id, job.id, 'failed');
    ELSIF job.status = 'succeeded' AND process.ping_url <> '' THEN
        INSERT INTO pgprocess_alert (process_id, job_id, kind) VALUES (job.process_id, job.id, 'ping');
    END IF;
    IF job.status = 'failed' AND job.backfill_id IS NULL THEN
        PERFORM pgprocess_pause_after_failures(job);
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
