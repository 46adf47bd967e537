-- Give back what workers ran whose rows somebody deleted: no rescue would find it by them.
CREATE OR REPLACE FUNCTION pgprocess_worker_after_delete()
RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lost bigint[] := ARRAY(
        SELECT id FROM pgprocess_jobtask
         WHERE status = 'running' AND worker_id = ANY (ARRAY(SELECT id FROM old_rows)));
BEGIN
    IF lost <> '{}' THEN
        PERFORM FROM pgprocess_job WHERE id IN (SELECT job_id FROM pgprocess_jobtask WHERE id = ANY (lost))
          ORDER BY id FOR NO KEY UPDATE;
        UPDATE pgprocess_jobtask SET status = 'ready', reason = 'its worker was deleted'
         WHERE id = ANY (lost) AND status = 'running' AND worker_id = ANY (ARRAY(SELECT id FROM old_rows));
    END IF;
    RETURN NULL;
END
$$;
