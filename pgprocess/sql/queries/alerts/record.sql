-- Record how deliveries went: done; to be tried again so many seconds from now; or given up where there is no number.
UPDATE pgprocess_delivery AS delivery
   SET error = told.error,
       delivered_at = CASE told.error WHEN '' THEN now() END,
       next_at = CASE WHEN told.error <> '' THEN now() + make_interval(secs => told.wait) END
  FROM unnest(%(deliveries)s::bigint[], %(errors)s::text[], %(waits)s::float8[]) AS told (id, error, wait)
 WHERE delivery.id = told.id
