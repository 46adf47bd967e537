-- Take up to so many ready tasks from these lanes (a queue and a priority each), in the lanes' order, and return all
-- that a runner must know. Each lane is an ordered index scan from its mark on: what lies below the mark is known to be
-- taken, so dead rows that an old snapshot keeps alive are not met again and again. What belongs to one task alone
-- (params, parents, item, date) travels as text: where Python can't read it, only that task may suffer.
-- The claim waits for the disk, as every commit: a claim that a crash of the server swallows would give its attempt's
-- number, and the place of its output, to the next one.
WITH pick AS MATERIALIZED (
    SELECT task.id
      FROM unnest(%(queues)s::text[], %(priorities)s::int[], %(marks)s::bigint[], %(room)s::int[])
           AS lane (queue, priority, mark, room)
     CROSS JOIN LATERAL (
           SELECT id FROM pgprocess_jobtask
            WHERE status = 'ready' AND queue = lane.queue AND priority = lane.priority AND ready_seq >= lane.mark
            ORDER BY queue, priority, ready_seq
            LIMIT lane.room FOR NO KEY UPDATE SKIP LOCKED) AS task
     LIMIT %(slots)s
), claimed AS (
    UPDATE pgprocess_jobtask AS task
       SET status = 'running', worker_id = %(worker)s, claim_token = gen_random_uuid()
      FROM pick
     WHERE task.id = pick.id
    RETURNING task.id, task.job_id, task.task_id, task.version_id, task.map_over, task.map_index, task.queue,
              task.priority, task.ready_seq, task.attempt, task.free_attempts, task.claim_token,
              task.parents_total, task.item, task.crashes
)
SELECT claimed.id, claimed.job_id, claimed.task_id, claimed.version_id, claimed.map_index, claimed.queue,
       claimed.priority, claimed.ready_seq, claimed.attempt, claimed.free_attempts, claimed.claim_token,
       process.name AS process_name, task.name AS task_name, coalesce(job.params::text, '{}') AS params,
       to_char(job.logical_date AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') AS logical_date,
       CASE WHEN claimed.parents_total > 0
            THEN (SELECT results::text
                    FROM pgprocess_parent_results(claimed.id, CASE WHEN claimed.item IS NULL THEN ''
                                                              ELSE claimed.map_over END) AS results) END AS parents,
       claimed.item::text AS item, claimed.crashes
  FROM claimed
  JOIN pgprocess_task AS task ON task.id = claimed.task_id
  JOIN pgprocess_process AS process ON process.id = task.process_id
  LEFT JOIN pgprocess_job AS job ON job.id = claimed.job_id
 ORDER BY claimed.priority DESC, claimed.ready_seq
