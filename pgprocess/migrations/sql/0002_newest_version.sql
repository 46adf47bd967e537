-- Return the newest version of a task: what its next job will run.
CREATE OR REPLACE FUNCTION pgprocess_newest_version(task bigint)
RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT id FROM pgprocess_taskversion WHERE task_id = task ORDER BY number DESC LIMIT 1
$$;
