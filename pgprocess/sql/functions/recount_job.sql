-- Count a running job's tasks and their parents anew, after somebody deleted some of its job tasks: what was not settled
-- counts as cancelled for its children, and the job ends when nothing is left of it. A job of which no task is left at
-- all is cancelled, but not before the end of the transaction (last): somebody may be deleting the job itself.
CREATE OR REPLACE FUNCTION pgprocess_recount_job(job bigint, last boolean)
RETURNS void LANGUAGE plpgsql
SET jit = off SET enable_seqscan = off AS $$
DECLARE
    mapping bigint[];
BEGIN
    PERFORM FROM pgprocess_job WHERE id = job AND status = 'running' FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN; END IF;
    IF NOT EXISTS (SELECT FROM pgprocess_jobtask WHERE job_id = job) THEN
        IF last THEN
            UPDATE pgprocess_job
               SET status = 'cancelled', reason = 'its tasks were deleted',
                   tasks_total = 0, tasks_left = 0, tasks_failed = 0
             WHERE id = job;
        END IF;
        RETURN;
    END IF;

    UPDATE pgprocess_job AS run
       SET tasks_total = task.total, tasks_left = task.unsettled, tasks_failed = task.failed
      FROM (SELECT count(*) AS total,
                   count(*) FILTER (WHERE pgprocess_status_class(status) = 'open') AS unsettled,
                   count(*) FILTER (WHERE status = 'failed') AS failed
              FROM pgprocess_jobtask WHERE job_id = job) AS task
     WHERE run.id = job;

    WITH parents AS MATERIALIZED (
        SELECT child.id,
               count(parent.id)::int AS total,
               count(parent.id) FILTER (WHERE pgprocess_status_class(parent.status) = 'open')::int AS unsettled,
               count(parent.id) FILTER (WHERE pgprocess_status_class(parent.status) = 'failed')::int AS failed,
               count(parent.id) FILTER (WHERE parent.status = 'skipped')::int AS skipped
          FROM pgprocess_jobtask AS child
          LEFT JOIN pgprocess_jobtaskdependency AS edge ON edge.child_id = child.id
          LEFT JOIN pgprocess_jobtask AS parent ON parent.id = edge.parent_id
         WHERE child.job_id = job
         GROUP BY child.id
    ), recounted AS (
        UPDATE pgprocess_jobtask AS child
           SET parents_total = parents.total, parents_left = parents.unsettled,
               parents_failed = parents.failed, parents_skipped = parents.skipped,
               status = CASE WHEN child.status = 'awaiting' THEN becomes.status ELSE child.status END,
               error = CASE WHEN child.status = 'awaiting' AND becomes.status = 'upstream_failed'
                            THEN 'a task that it waited for was deleted' ELSE child.error END
          FROM parents JOIN pgprocess_jobtask AS was USING (id)
         CROSS JOIN LATERAL (
               SELECT pgprocess_next_status(
                          was.trigger_rule, was.map_over, was.run_at, was.parents_total, parents.unsettled,
                          parents.failed + greatest(was.parents_left - parents.unsettled, 0), parents.skipped)
               ) AS becomes (status)
         WHERE child.id = parents.id
           AND (was.parents_total, was.parents_left, was.parents_failed, was.parents_skipped)
            <> (parents.total, parents.unsettled, parents.failed, parents.skipped)
        RETURNING child.id, child.status, child.map_over
    )
    SELECT array_agg(id) INTO mapping FROM recounted WHERE status = 'awaiting' AND map_over <> '';
    IF mapping IS NOT NULL THEN
        PERFORM pgprocess_expand_mapped(mapping);
    END IF;

    UPDATE pgprocess_job SET status = (SELECT * FROM pgprocess_job_verdict(job))
     WHERE id = job AND status = 'running' AND tasks_left = 0;
END
$$;
