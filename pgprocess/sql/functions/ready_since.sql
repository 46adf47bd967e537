-- Return since when a ready job task waits for a worker: the moment when its job began, its last parent ended, it was
-- due or it was sent back, whichever came last. NULL where none of these is known.
CREATE OR REPLACE FUNCTION pgprocess_ready_since(jobtask bigint)
RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT greatest(
           job.started_at, ready.run_at,
           (SELECT max(parent.finished_at)
              FROM pgprocess_jobtaskdependency AS edge JOIN pgprocess_jobtask AS parent ON parent.id = edge.parent_id
             WHERE edge.child_id = ready.id),
           (SELECT max(attempt.created_at) FROM pgprocess_attempt AS attempt WHERE attempt.jobtask_id = ready.id))
      FROM pgprocess_jobtask AS ready LEFT JOIN pgprocess_job AS job ON job.id = ready.job_id
     WHERE ready.id = jobtask
$$;
