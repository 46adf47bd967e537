-- What a status counts as for its children: open, ok, failed or skipped.
CREATE OR REPLACE FUNCTION pgprocess_status_class(status text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
           WHEN status IN ('awaiting', 'scheduled', 'ready', 'running') THEN 'open'
           WHEN status IN ('succeeded', 'forced') THEN 'ok'
           WHEN status = 'skipped' THEN 'skipped'
           ELSE 'failed'
           END
$$;
