-- How long until then, for people: "42 s", never below zero.
CREATE OR REPLACE FUNCTION pgprocess_seconds_until(moment timestamptz)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT greatest(0, ceil(extract(epoch FROM moment - now())))::bigint || ' s'
$$;
