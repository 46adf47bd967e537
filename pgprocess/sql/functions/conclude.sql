-- A job changes status: it is over when none of its tasks is left, or when somebody cancels it, and runs again
-- when a task comes back. Anything else is refused, whoever asks. One that is settled may be judged anew, and a slot
-- that was skipped may run after all.
CREATE OR REPLACE FUNCTION pgprocess_conclude(earlier pgprocess_job, later pgprocess_job)
RETURNS pgprocess_job LANGUAGE plpgsql AS $$
DECLARE
    by_rule boolean := coalesce(current_setting('pgprocess.changes', true), '') <> '';
BEGIN
    IF (CASE
       WHEN earlier.status = 'skipped' AND later.status = 'running' THEN false
       WHEN earlier.status = 'skipped' OR later.status = 'skipped' THEN true
       WHEN later.status = 'running' THEN later.tasks_left = 0
       WHEN later.status = 'cancelled' THEN earlier.status <> 'running' AND NOT by_rule
       ELSE later.tasks_left > 0 OR earlier.status <> 'running' AND NOT by_rule
       END)
    THEN
        RAISE EXCEPTION 'job % can''t go from % to % with % of % tasks left',
              earlier.id, earlier.status, later.status, later.tasks_left, later.tasks_total
              USING ERRCODE = 'check_violation';
    END IF;
    IF later.reason = earlier.reason THEN
        later.reason := '';
    END IF;
    IF later.status = 'running' THEN
        later.cancelled_at := NULL;
        later.started_at := coalesce(later.started_at, clock_timestamp());
    ELSIF later.status = 'cancelled' AND later.tasks_left > 0 THEN
        later.cancelled_at := clock_timestamp();
    END IF;
    later.buffered := later.buffered AND later.status = 'running';
    later.finished_at := CASE WHEN later.status <> 'running' THEN clock_timestamp() END;
    RETURN later;
END
$$;
