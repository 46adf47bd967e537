-- Every queue and priority that has ready work, best priority first: one index probe each, whatever their length.
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
SELECT queue, priority FROM lane
 WHERE (%(queues)s::text[] = '{}' OR queue = ANY (%(queues)s::text[])) AND queue <> ALL (%(excluded)s::text[])
 ORDER BY priority DESC, ready_seq
