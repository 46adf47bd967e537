-- A job that was passed over when its turn came, because somebody was just at it, starts now.
SELECT pgprocess_start_buffered_jobs(process_id, backfill_id)
  FROM (SELECT DISTINCT process_id, backfill_id FROM pgprocess_job WHERE buffered ORDER BY 1, 2) AS line
