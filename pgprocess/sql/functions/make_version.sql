-- Where what a task runs differs from the task's newest version, store it as a new version and let the task point to
-- it: what a task ran is never lost.
-- The UPDATE below fires the trigger again, so a call must leave when there is nothing to change.
CREATE OR REPLACE FUNCTION pgprocess_make_version(task_ids bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pgprocess_taskversion (task_id, number, digest, kind, code, target, interpreter, arguments,
                                       timeout, max_attempts, retry_delay, backoff, retry_jitter, max_retry_delay)
    SELECT task.id, coalesce(newest.number, 0) + 1, work.digest, kind, code, target, interpreter, arguments,
           timeout, max_attempts, retry_delay, backoff, retry_jitter, max_retry_delay
      FROM pgprocess_task AS task
      CROSS JOIN LATERAL (
          SELECT md5(ROW(kind, code, target, interpreter, arguments, timeout, max_attempts, retry_delay,
                         backoff, retry_jitter, max_retry_delay)::text) AS digest
      ) AS work
      LEFT JOIN LATERAL (
          SELECT number, digest FROM pgprocess_taskversion AS version
           WHERE version.task_id = task.id ORDER BY number DESC LIMIT 1
      ) AS newest ON true
     WHERE task.id = ANY (task_ids) AND newest.digest IS DISTINCT FROM work.digest;

    IF EXISTS (SELECT FROM pgprocess_task AS task
                WHERE id = ANY (task_ids) AND version_id IS DISTINCT FROM pgprocess_newest_version(task.id)) THEN
        UPDATE pgprocess_task AS task SET version_id = pgprocess_newest_version(task.id)
         WHERE id = ANY (task_ids) AND version_id IS DISTINCT FROM pgprocess_newest_version(task.id);
    END IF;
END
$$;
