-- The results of a job task's parents by name; one that ran once per item gives its items' results, in order,
-- and an empty list if there were no items. One row, for a FROM, where Postgres plans it with what asks: hence the
-- parents first, on their own, lest all job tasks of their tasks are read on the way. The parent of the name left_out is
-- not read: a job task that maps over a list has its item, and the whole list for each item would be too much.
CREATE OR REPLACE FUNCTION pgprocess_parent_results(jobtask bigint, left_out text)
RETURNS SETOF jsonb LANGUAGE sql STABLE AS $$
    WITH parent AS MATERIALIZED (
        SELECT task_id, map_index, map_over, result FROM pgprocess_jobtask
         WHERE id = ANY (ARRAY(SELECT parent_id FROM pgprocess_jobtaskdependency WHERE child_id = jobtask))
    )
    SELECT jsonb_object_agg(parent.name, parent.result)
      FROM (SELECT task.name,
                   CASE WHEN bool_or(parent.map_index IS NOT NULL)
                        THEN jsonb_agg(parent.result ORDER BY parent.map_index)
                        WHEN bool_or(parent.map_over <> '') THEN '[]'
                        ELSE (array_agg(parent.result))[1] END AS result
              FROM parent JOIN pgprocess_task AS task ON task.id = parent.task_id
             WHERE task.name <> left_out
             GROUP BY task.name) AS parent
$$;
