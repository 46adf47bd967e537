-- The workers that are up and were not seen lately, or not yet, by this clock, which somebody may just have set: when
-- each was last seen, as text that compares exactly, and for how many seconds a silence is no death.
SELECT id, last_seen::text AS last_seen, lease, extract(epoch FROM now() - last_seen)::float8 AS seconds
  FROM pgprocess_worker
 WHERE state IN ('running', 'stopping')
   AND last_seen NOT BETWEEN now() - make_interval(secs => %(suspicious)s)
                         AND now() + make_interval(secs => %(suspicious)s)
