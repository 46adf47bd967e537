-- Where the parent that these waiting tasks map over has settled, make one job task for each of its items and give each
-- the status that its trigger rule decides. Without items, or with a result that is no list, none can run.
-- Planned with the recipe INDEXES ONLY, within callers that turn nested loops off.
CREATE OR REPLACE FUNCTION pgprocess_expand_mapped(ids bigint[])
RETURNS void LANGUAGE plpgsql
SET jit = off SET enable_nestloop = on SET enable_seqscan = off AS $$
DECLARE
    mapped record;
    over record;
    becomes text;
    problem text;
BEGIN
    FOR mapped IN
        SELECT DISTINCT ON (job_id, task_id) id, job_id, task_id, map_over
          FROM pgprocess_jobtask WHERE id = ANY (ids) ORDER BY job_id, task_id, map_index
    LOOP
        SELECT count(*) AS parents,
               count(*) FILTER (WHERE pgprocess_status_class(parent.status) = 'open') AS unsettled,
               count(*) FILTER (WHERE pgprocess_status_class(parent.status) = 'failed') AS failed,
               count(*) FILTER (WHERE parent.status = 'skipped') AS skipped,
               (SELECT results -> mapped.map_over FROM pgprocess_parent_results(mapped.id) AS results) AS items
          INTO over
          FROM pgprocess_jobtaskdependency AS edge
          JOIN pgprocess_jobtask AS parent ON parent.id = edge.parent_id
          JOIN pgprocess_task AS task ON task.id = parent.task_id AND task.name = mapped.map_over
         WHERE edge.child_id = mapped.id;
        CONTINUE WHEN over.unsettled > 0;

        problem := pgprocess_map_problem(mapped.map_over, over.parents, over.items);
        becomes := CASE WHEN over.failed > 0 THEN 'upstream_failed'
                        WHEN over.parents > 0 AND over.skipped = over.parents THEN 'skipped'
                        WHEN problem <> '' THEN 'upstream_failed'
                        WHEN jsonb_array_length(over.items) = 0 THEN 'skipped' END;
        IF becomes = 'upstream_failed' AND over.failed = 0 THEN
            UPDATE pgprocess_jobtask SET error = problem WHERE job_id = mapped.job_id AND task_id = mapped.task_id;
        END IF;
        PERFORM pgprocess_resize_mapped(mapped.id, CASE WHEN becomes IS NULL THEN over.items ELSE '[]' END);
        UPDATE pgprocess_jobtask AS task
           SET status = coalesce(becomes, pgprocess_next_status(
                                     task.trigger_rule, '', task.run_at, task.parents_total,
                                     task.parents_left, task.parents_failed, task.parents_skipped)),
               reason = CASE becomes WHEN 'skipped' THEN mapped.map_over || ' has no items' ELSE '' END
         WHERE task.job_id = mapped.job_id AND task.task_id = mapped.task_id AND task.status = 'awaiting';
    END LOOP;
END
$$;
