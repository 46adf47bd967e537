-- Return why no task can map over these items, as a sentence for people; empty if one can.
-- ALTER DATABASE … SET pgprocess.map_limit allows more items than 10,000.
CREATE OR REPLACE FUNCTION pgprocess_map_problem(parent text, parents bigint, items jsonb)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    at_most int := coalesce(nullif(current_setting('pgprocess.map_limit', true), ''), '10000')::int;
BEGIN
    IF parents = 0 THEN
        RETURN format('It maps over %s, which is not one of its parents.', parent);
    ELSIF jsonb_typeof(items) IS DISTINCT FROM 'array' THEN
        RETURN format('It maps over the result of %s, which is not a list but %s.',
                      parent, coalesce(nullif(jsonb_typeof(items), 'null'), 'nothing'));
    ELSIF jsonb_array_length(items) > at_most THEN
        RETURN format('It maps over the result of %s, which has %s items; at most %s are allowed.',
                      parent, jsonb_array_length(items), at_most);
    END IF;
    RETURN '';
END
$$;
