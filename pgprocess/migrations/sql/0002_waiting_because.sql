-- Return the English sentence for an answer of pgprocess_waiting_for or pgprocess_why_buffered: "waits for load_b
-- (running) and load_c (retry in 42 s)". For people at psql; programs and pages read the key and the arguments instead.
-- Simple expressions only: with a SELECT inside a call took 30 to 60 µs, without one 2.
CREATE OR REPLACE FUNCTION pgprocess_waiting_because(waiting_for jsonb)
RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    parent jsonb;
    parents text[] := '{}';
BEGIN
    FOR place IN 1 .. coalesce(jsonb_array_length(waiting_for -> 'parents'), 0) LOOP
        parent := waiting_for -> 'parents' -> place - 1;
        parents := parents || concat(
            parent ->> 'name', ' ×' || nullif(parent ->> 'number', '1'), ' (',
            CASE parent ->> 'state'
            WHEN 'turn' THEN 'its job waits for its turn'
            WHEN 'retry' THEN 'retry in ' || (parent ->> 'seconds') || ' s'
            WHEN 'start' THEN 'starts in ' || (parent ->> 'seconds') || ' s'
            ELSE parent ->> 'state' END, ')');
    END LOOP;
    RETURN CASE waiting_for ->> 'key'
           WHEN 'parents'
           THEN concat('waits for ', array_to_string(trim_array(parents, 1), ', '),
                       CASE WHEN cardinality(parents) > 1 THEN ' and ' END, parents[cardinality(parents)])
           WHEN 'trigger_rule' THEN 'waits for its trigger rule ' || (waiting_for ->> 'trigger_rule')
           WHEN 'retry' THEN 'retry in ' || (waiting_for ->> 'seconds') || ' s'
           WHEN 'start' THEN 'starts in ' || (waiting_for ->> 'seconds') || ' s'
           WHEN 'slot' THEN 'waits for a free slot in queue ' || (waiting_for ->> 'queue')
           WHEN 'worker' THEN 'no live worker serves queue ' || (waiting_for ->> 'queue')
           WHEN 'backfill'
           THEN format('waits for its turn in backfill %s, which runs %s at once',
                       waiting_for ->> 'backfill', waiting_for ->> 'concurrency')
           WHEN 'paused' THEN 'waits until its process is resumed'
           WHEN 'jobs'
           THEN concat('waits for job ', waiting_for -> 'jobs' ->> 0, ' and job ' || (waiting_for -> 'jobs' ->> 1),
                       ' and ' || nullif(waiting_for ->> 'more', '0') || ' more')
           WHEN 'turn' THEN 'waits for its turn'
           END;
END
$$;
