-- Refuse a change of a job's status that its tasks do not allow, whoever asks, and set its times.
-- A job ends when none of its tasks is left or somebody cancels it, and runs again when a task comes back. A settled
-- job may be judged anew, and a slot that was skipped may run after all.
CREATE OR REPLACE FUNCTION pgprocess_job_before_update()
RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    by_rule boolean := coalesce(current_setting('pgprocess.changes', true), '') <> '';
BEGIN
    IF (CASE
       WHEN OLD.status = 'skipped' AND NEW.status = 'running' THEN false
       WHEN OLD.status = 'skipped' OR NEW.status = 'skipped' THEN true
       WHEN NEW.status = 'running' THEN NEW.tasks_left = 0
       WHEN NEW.status = 'cancelled' THEN OLD.status <> 'running' AND NOT by_rule
       ELSE NEW.tasks_left > 0 OR OLD.status <> 'running' AND NOT by_rule
       END)
    THEN
        RAISE EXCEPTION 'job % can''t go from % to % with % of % tasks left',
              OLD.id, OLD.status, NEW.status, NEW.tasks_left, NEW.tasks_total
              USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.reason = OLD.reason THEN
        NEW.reason := '';
    END IF;
    IF NEW.status = 'running' THEN
        NEW.cancelled_at := NULL;
        NEW.started_at := coalesce(NEW.started_at, clock_timestamp());
        NEW.finished_at := NULL;
    ELSE
        IF NEW.status = 'cancelled' AND NEW.tasks_left > 0 THEN
            NEW.cancelled_at := clock_timestamp();
        END IF;
        NEW.buffered := false;
        NEW.finished_at := clock_timestamp();
    END IF;
    RETURN NEW;
END
$$;
