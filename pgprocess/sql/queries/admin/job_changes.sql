-- The tasks of a job whose rows were written by transaction %(since)s or a later one; some may have been seen before.
SELECT DISTINCT task_id FROM pgprocess_jobtask WHERE job_id = %(job)s AND xmin::text::bigint >= %(since)s
