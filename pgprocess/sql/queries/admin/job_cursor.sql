-- A fingerprint of a job and its tasks, which every write to them changes: the sum of the writers' transactions grows.
-- The statuses are in it for whoever looks from within the transaction that writes.
-- The second column is the transaction from which on a write may be missing in what the reader sees now.
SELECT concat_ws('.', job.xmin, run.number, run.writers, run.statuses),
       pg_snapshot_xmin(pg_current_snapshot())::text::bigint %% 4294967296,
       job.status
  FROM pgprocess_job AS job,
       LATERAL (SELECT count(*) AS number, coalesce(sum(jobtask.xmin::text::bigint), 0) AS writers,
                         coalesce(sum(hashtext(jobtask.status)), 0) AS statuses
                  FROM pgprocess_jobtask AS jobtask WHERE jobtask.job_id = job.id) AS run
 WHERE job.id = %(job)s
