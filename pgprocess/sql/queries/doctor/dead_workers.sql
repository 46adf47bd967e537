-- Workers that fell silent within the last day, for two leases at least, and did not say that they stopped.
SELECT host || ':' || pid AS worker, extract(epoch FROM now() - last_seen)::float8 AS seconds
  FROM pgprocess_worker
 WHERE state <> 'stopped' AND last_seen >= now() - interval '1 day' AND pgprocess_silent(last_seen, 2 * lease)
 ORDER BY last_seen
