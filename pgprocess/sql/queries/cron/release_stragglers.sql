-- Start the jobs that were passed over when their turn came, because somebody had just locked them.
SELECT pgprocess_start_buffered_jobs(process_id, backfill_id)
  FROM (SELECT DISTINCT process_id, backfill_id FROM pgprocess_job WHERE buffered ORDER BY 1, 2) AS line
