-- The ids of alerts that were not addressed yet, for addressing each by itself.
SELECT id FROM pgprocess_alert WHERE dispatched_at IS NULL ORDER BY id LIMIT 1000
