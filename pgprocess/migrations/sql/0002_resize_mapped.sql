-- Give a mapped task one job task for each item of the list, with its item; for an empty list one, without an item.
-- Job tasks that are there stay, with their history. All have the same parents and the same children. A job task beyond
-- the end of the list goes, and is counted out as what it was: somebody may have settled it already.
CREATE OR REPLACE FUNCTION pgprocess_resize_mapped(first bigint, list jsonb)
RETURNS void LANGUAGE plpgsql
SET jit = off SET enable_seqscan = off AS $$
DECLARE
    model pgprocess_jobtask;
    siblings bigint[];
    items jsonb[] := ARRAY(SELECT jsonb_array_elements(list));
    surplus bigint[];
    more int;
    gone record;
BEGIN
    SELECT * INTO model FROM pgprocess_jobtask WHERE id = first;
    siblings := ARRAY(SELECT id FROM pgprocess_jobtask WHERE job_id = model.job_id AND task_id = model.task_id
                       ORDER BY map_index);
    more := greatest(cardinality(items), 1) - cardinality(siblings);
    surplus := siblings[cardinality(siblings) + least(more, 0) + 1 :];
    UPDATE pgprocess_jobtask AS task
       SET map_index = CASE WHEN pair.item IS NOT NULL THEN pair.place - 1 END, item = pair.item
      FROM unnest(siblings, items) WITH ORDINALITY AS pair (id, item, place)
     WHERE task.id = pair.id AND pair.place <= greatest(cardinality(items), 1)
       AND (task.item IS DISTINCT FROM pair.item OR task.map_index IS NULL);
    WITH fresh AS (
        INSERT INTO pgprocess_jobtask (job_id, task_id, version_id, queue, priority, trigger_rule, allow_failure,
                                       map_over, run_at, parents_total, parents_left, parents_failed,
                                       parents_skipped, map_index, item)
        SELECT model.job_id, model.task_id, model.version_id, model.queue, model.priority, model.trigger_rule,
               model.allow_failure, model.map_over, model.run_at, model.parents_total, model.parents_left,
               model.parents_failed, model.parents_skipped, pair.place - 1, pair.item
          FROM unnest(siblings, items) WITH ORDINALITY AS pair (id, item, place)
         WHERE pair.id IS NULL
        RETURNING id
    )
    INSERT INTO pgprocess_jobtaskdependency (parent_id, child_id)
    SELECT edge.parent_id, fresh.id FROM fresh, pgprocess_jobtaskdependency AS edge WHERE edge.child_id = first
     UNION ALL
    SELECT fresh.id, edge.child_id FROM fresh, pgprocess_jobtaskdependency AS edge WHERE edge.parent_id = first;
    IF more = 0 THEN RETURN; END IF;
    SELECT count(*) FILTER (WHERE pgprocess_status_class(status) = 'open') AS unsettled,
           count(*) FILTER (WHERE pgprocess_status_class(status) = 'failed') AS failed,
           count(*) FILTER (WHERE status = 'skipped') AS skipped,
           count(*) FILTER (WHERE status = 'failed') AS jobs_failed
      INTO gone FROM pgprocess_jobtask WHERE id = ANY (surplus);
    UPDATE pgprocess_jobtask
       SET parents_total = parents_total + more, parents_left = parents_left + greatest(more, 0) - gone.unsettled,
           parents_failed = parents_failed - gone.failed, parents_skipped = parents_skipped - gone.skipped
     WHERE id IN (SELECT child_id FROM pgprocess_jobtaskdependency WHERE parent_id = siblings[1]);
    UPDATE pgprocess_job
       SET tasks_total = tasks_total + more, tasks_left = tasks_left + greatest(more, 0) - gone.unsettled,
           tasks_failed = tasks_failed - gone.jobs_failed
     WHERE id = model.job_id;
    DELETE FROM pgprocess_logchunk WHERE jobtask_id = ANY (surplus);
    DELETE FROM pgprocess_attempt WHERE jobtask_id = ANY (surplus);
    DELETE FROM pgprocess_jobtaskdependency WHERE parent_id = ANY (surplus) OR child_id = ANY (surplus);
    DELETE FROM pgprocess_jobtask WHERE id = ANY (surplus);
END
$$;
