-- Where the parent that these tasks map over has settled with a list, make one job task for each of its items; and give
-- the job tasks that wait the status that their trigger rule decides. Without a list, or without items, none can run.
-- All that is decided here is read before anything is changed: one task's new items are no news for the next one yet.
-- Neither is a parent that settled in this round of advance, since the counts of its children do not know of it yet.
-- Planned with the recipe INDEXES ONLY, within callers that turn nested loops off.
CREATE OR REPLACE FUNCTION pgprocess_expand_mapped(ids bigint[])
RETURNS void LANGUAGE plpgsql
SET jit = off SET enable_nestloop = on SET enable_seqscan = off AS $$
DECLARE
    mapped record;
    problem text;
    becomes text;
    surplus bigint[] := '{}';
    news bigint[] := ARRAY(SELECT id FROM unnest(current_setting('pgprocess.changes')::pgprocess_change[])
                            WHERE pgprocess_status_class(was) = 'open' AND pgprocess_status_class(is_now) <> 'open');
BEGIN
    FOR mapped IN
        SELECT first.*, over.*, over.given > 0 AND over.unsettled = 0 AND over.failed = 0 AS is_ok,
               pgprocess_next_status(trigger_rule, map_over, NULL, parents_total, parents_left, parents_failed,
                                     parents_skipped) AS said,
               CASE WHEN over.given > 0 AND over.unsettled = 0 AND over.failed = 0
                    THEN (SELECT results -> first.map_over FROM pgprocess_parent_results(first.id) AS results)
                    END AS items
          FROM (SELECT DISTINCT ON (job_id, task_id)
                       id, job_id, task_id, map_over, map_index, trigger_rule, parents_total, parents_left,
                       parents_failed, parents_skipped
                  FROM pgprocess_jobtask WHERE id = ANY (ids) ORDER BY job_id, task_id, map_index) AS first
         CROSS JOIN LATERAL (
               SELECT count(*) AS parents,
                      count(*) FILTER (WHERE parent.status <> 'skipped') AS given,
                      count(*) FILTER (WHERE pgprocess_status_class(parent.status) = 'open'
                                          OR parent.id IN (SELECT * FROM unnest(news))) AS unsettled,
                      count(*) FILTER (WHERE pgprocess_status_class(parent.status) = 'failed') AS failed
                 FROM pgprocess_jobtaskdependency AS edge
                 JOIN pgprocess_jobtask AS parent ON parent.id = edge.parent_id
                 JOIN pgprocess_task AS task ON task.id = parent.task_id AND task.name = first.map_over
                WHERE edge.child_id = first.id) AS over
    LOOP
        CONTINUE WHEN mapped.said = 'awaiting' AND mapped.unsettled > 0;
        problem := CASE WHEN mapped.is_ok OR mapped.parents = 0
                        THEN pgprocess_map_problem(mapped.map_over, mapped.parents, mapped.items) END;
        becomes := CASE WHEN mapped.said <> 'awaiting' THEN mapped.said
                        WHEN mapped.failed > 0 OR problem <> '' THEN 'upstream_failed'
                        WHEN NOT mapped.is_ok OR mapped.items = '[]' THEN 'skipped' END;
        IF problem = '' AND (mapped.map_index IS NOT NULL OR mapped.said = 'awaiting') THEN
            surplus := surplus || pgprocess_resize_mapped(mapped.id, mapped.items);
        END IF;
        UPDATE pgprocess_jobtask AS task
           SET status = coalesce(becomes, pgprocess_next_status(
                                     task.trigger_rule, '', task.run_at, mapped.parents_total, mapped.parents_left,
                                     mapped.parents_failed, mapped.parents_skipped)),
               error = CASE WHEN mapped.said = 'awaiting' AND problem <> '' THEN problem ELSE task.error END,
               reason = CASE WHEN mapped.said = 'awaiting' AND becomes = 'skipped'
                             THEN mapped.map_over || ' has no items' ELSE task.reason END
         WHERE task.job_id = mapped.job_id AND task.task_id = mapped.task_id AND task.status = 'awaiting'
           AND task.id <> ALL (surplus);
    END LOOP;
    PERFORM pgprocess_drop_items(surplus) WHERE surplus <> '{}';
END
$$;
