-- The status of each task of a process in each of these jobs; of a mapped task the worst one.
-- Tasks that were in trouble come first, so that a part of them is the part that is worth a look.
WITH cell AS (
    SELECT task_id, job_id, min(pgprocess_rank) AS rank, min(id) AS id
      FROM (SELECT id, task_id, job_id, array_position(%(severity)s::text[], status::text) AS pgprocess_rank
              FROM pgprocess_jobtask WHERE job_id = ANY (%(jobs)s)) AS run
     GROUP BY task_id, job_id
)
SELECT task.id, task.name, jsonb_object_agg(cell.job_id, jsonb_build_array((%(severity)s::text[])[cell.rank], cell.id)),
       count(*) FILTER (WHERE pgprocess_status_class((%(severity)s::text[])[cell.rank]) = 'failed') AS bad,
       count(*) OVER () AS tasks
  FROM cell JOIN pgprocess_task AS task ON task.id = cell.task_id
 GROUP BY task.id
 ORDER BY bad DESC, task.id
 LIMIT %(limit)s
