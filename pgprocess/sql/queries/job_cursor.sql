-- A fingerprint of a job and its tasks, which every write to them changes: the sum of the writers' transactions grows.
-- Beside it, from which transaction on a write may not be in what the reader sees now.
SELECT concat_ws('.', job.xmin, run.number, run.writers),
       pg_snapshot_xmin(pg_current_snapshot())::text::bigint %% 4294967296,
       job.status
  FROM pgprocess_job AS job,
       LATERAL (SELECT count(*) AS number, coalesce(sum(jobtask.xmin::text::bigint), 0) AS writers
                  FROM pgprocess_jobtask AS jobtask WHERE jobtask.job_id = job.id) AS run
 WHERE job.id = %(job)s
