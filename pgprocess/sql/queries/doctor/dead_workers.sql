-- Workers that fell silent within the last day and did not say that they stopped.
SELECT host || ':' || pid AS worker, extract(epoch FROM now() - last_seen)::float8 AS seconds
  FROM pgprocess_worker
 WHERE state <> 'stopped' AND last_seen BETWEEN now() - interval '1 day' AND now() - interval '1 minute'
 ORDER BY last_seen
