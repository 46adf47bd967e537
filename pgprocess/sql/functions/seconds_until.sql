-- Return the whole seconds until a moment, rounded up and never below zero.
CREATE OR REPLACE FUNCTION pgprocess_seconds_until(moment timestamptz)
RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT greatest(0, ceil(extract(epoch FROM moment - now())))::bigint
$$;
