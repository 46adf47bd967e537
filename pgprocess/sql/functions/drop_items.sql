-- Delete job tasks of items that a shorter list has not any more, with their attempts and output. Each is counted out
-- as what it was, since somebody may have settled it already, and what waited for it is decided anew. The worker of one
-- that runs is told, as if it were cancelled.
CREATE OR REPLACE FUNCTION pgprocess_drop_items(ids bigint[])
RETURNS void LANGUAGE plpgsql
SET jit = off SET enable_nestloop = on SET enable_seqscan = off AS $$
DECLARE
    news pgprocess_change[];
BEGIN
    WITH below AS (
        SELECT edge.child_id,
               count(*)::int AS total,
               count(*) FILTER (WHERE pgprocess_status_class(gone.status) = 'open')::int AS unsettled,
               count(*) FILTER (WHERE pgprocess_status_class(gone.status) = 'failed')::int AS failed,
               count(*) FILTER (WHERE gone.status = 'skipped')::int AS skipped
          FROM pgprocess_jobtask AS gone JOIN pgprocess_jobtaskdependency AS edge ON edge.parent_id = gone.id
         WHERE gone.id = ANY (ids)
         GROUP BY edge.child_id
    ), counted AS (
        UPDATE pgprocess_jobtask AS child
           SET parents_total = child.parents_total - below.total, parents_left = child.parents_left - below.unsettled,
               parents_failed = child.parents_failed - below.failed,
               parents_skipped = child.parents_skipped - below.skipped
          FROM below WHERE child.id = below.child_id
        RETURNING child.id, child.job_id, below.failed
    )
    SELECT array_agg(ROW(id, look, look, job_id)::pgprocess_change ORDER BY id) INTO news
      FROM counted CROSS JOIN (VALUES ('awaiting'), ('upstream_failed')) AS again (look)
     WHERE look = 'awaiting' OR failed > 0;
    news := news || ARRAY(SELECT ROW(id, status, 'cancelled', job_id)::pgprocess_change
                            FROM pgprocess_jobtask WHERE id = ANY (ids));
    UPDATE pgprocess_job AS job SET tasks_total = job.tasks_total - gone.total
      FROM (SELECT job_id, count(*) AS total FROM pgprocess_jobtask WHERE id = ANY (ids) GROUP BY job_id) AS gone
     WHERE job.id = gone.job_id;
    DELETE FROM pgprocess_logchunk WHERE jobtask_id = ANY (ids);
    DELETE FROM pgprocess_attempt WHERE jobtask_id = ANY (ids);
    DELETE FROM pgprocess_jobtaskdependency WHERE parent_id = ANY (ids) OR child_id = ANY (ids);
    PERFORM pgprocess_advance(news);
    DELETE FROM pgprocess_jobtask WHERE id = ANY (ids);
END
$$;
