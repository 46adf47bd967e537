-- Return what a status counts as for the children of a task: open, ok, failed or skipped.
-- statuses.py has the same sets in Python.
CREATE OR REPLACE FUNCTION pgprocess_status_class(status text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
           WHEN status IN ('awaiting', 'scheduled', 'ready', 'running') THEN 'open'
           WHEN status IN ('succeeded', 'forced') THEN 'ok'
           WHEN status = 'skipped' THEN 'skipped'
           ELSE 'failed'
           END
$$;
