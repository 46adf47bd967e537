-- Record how deliveries went: done; to be tried again so many seconds from now; or given up where there is no number.
-- One that was not tried has its attempt back.
UPDATE pgprocess_delivery AS delivery
   SET error = told.error,
       attempts = greatest(attempts - (NOT told.tried)::int, 0),
       delivered_at = CASE told.error WHEN '' THEN now() END,
       next_at = CASE WHEN told.error <> '' THEN now() + make_interval(secs => told.wait) END
  FROM unnest(%(deliveries)s::bigint[], %(errors)s::text[], %(waits)s::float8[],
              %(tried)s::bool[]) AS told (id, error, wait, tried)
 WHERE delivery.id = told.id
