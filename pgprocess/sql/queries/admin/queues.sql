-- The queues that have something to do: how much (counted to 10,000), who serves them, and the ready task of each that
-- has waited for longest, with the moment since when.
WITH oldest AS (
    SELECT DISTINCT ON (lane.queue) lane.queue, first.id
      FROM pgprocess_ready_lanes() AS lane
     CROSS JOIN LATERAL (
           SELECT id FROM pgprocess_jobtask
            WHERE status = 'ready' AND queue = lane.queue AND priority = lane.priority
            ORDER BY queue, priority, ready_seq LIMIT 1) AS first
     ORDER BY lane.queue, lane.ready_seq
), waiting AS (
    SELECT queue, id AS task, pgprocess_ready_since(id) AS since,
           (SELECT count(*) FROM (SELECT FROM pgprocess_jobtask
                                   WHERE status = 'ready' AND queue = oldest.queue LIMIT 10001) AS row) AS ready
      FROM oldest
), busy AS (
    SELECT queue, sum(running) AS running, sum(scheduled) AS scheduled
      FROM (SELECT queue, 1 AS running, 0 AS scheduled FROM pgprocess_jobtask WHERE status = 'running'
             UNION ALL
            SELECT queue, 0, 1 FROM pgprocess_jobtask WHERE status = 'scheduled') AS row
     GROUP BY queue
)
SELECT queue, coalesce(waiting.ready, 0), coalesce(busy.running, 0), coalesce(busy.scheduled, 0),
       pgprocess_served(queue), waiting.task, waiting.since
  FROM waiting FULL JOIN busy USING (queue)
 ORDER BY queue
