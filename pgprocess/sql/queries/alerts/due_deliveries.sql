-- The ids of deliveries that are due, for leasing each by itself; first those that were never tried.
SELECT id FROM pgprocess_delivery
 WHERE next_at <= now() AND receiver <> ALL (%(busy)s)
 ORDER BY attempts > 0, next_at, id LIMIT 50
