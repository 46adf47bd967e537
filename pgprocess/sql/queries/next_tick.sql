-- How many seconds until the next slot of any process.
SELECT extract(epoch FROM min(next_run_at) - now())::float8 AS next_in FROM pgprocess_process WHERE is_active
