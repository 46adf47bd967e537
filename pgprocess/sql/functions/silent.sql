-- Return whether a worker was not seen for its lease (seconds). Such a worker is taken for dead, whatever its
-- connection looks like. Each worker is judged by the lease in its own row, whoever asks.
CREATE OR REPLACE FUNCTION pgprocess_silent(last_seen timestamptz, lease float8)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT last_seen < now() - make_interval(secs => lease)
$$;
