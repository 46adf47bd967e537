-- Return the moment that a task of a buffered job waits for: far enough never to come, near enough for every client to
-- read.
CREATE OR REPLACE FUNCTION pgprocess_waiting_forever()
RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT timestamptz '3000-01-01 00:00:00+00'
$$;
