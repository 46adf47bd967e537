-- Keep a try that is not the last one as an Attempt, with how it ended and who sent the task back.
-- A try that was kept when it left running is not kept again when its task is reopened.
CREATE OR REPLACE FUNCTION pgprocess_keep_attempt(earlier pgprocess_jobtask, later pgprocess_jobtask)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pgprocess_attempt (
           jobtask_id, number, worker_id, started_at, reason, actor, status, finished_at, exit_code, error)
    VALUES (earlier.id, earlier.attempt, earlier.worker_id, earlier.started_at, later.reason, later.actor,
           CASE WHEN earlier.status <> 'running' THEN earlier.status
                WHEN later.status = 'scheduled' THEN 'failed'
                ELSE 'released' END,
           CASE WHEN earlier.status = 'running' THEN clock_timestamp() ELSE earlier.finished_at END,
           CASE WHEN earlier.status = 'running' THEN later.exit_code ELSE earlier.exit_code END,
           CASE WHEN earlier.status = 'running' THEN later.error ELSE earlier.error END)
        ON CONFLICT (jobtask_id, number) DO NOTHING;
END
$$;
