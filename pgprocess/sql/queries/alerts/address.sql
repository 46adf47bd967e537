-- Make a delivery of each new alert for each receiver of its kind. A ping goes to the address of its process.
-- Alerts that were refused are left out; %(only)s names those to look at, NULL all.
WITH fresh AS MATERIALIZED (
    SELECT id FROM pgprocess_alert
     WHERE dispatched_at IS NULL AND id <> ALL (%(refused)s::bigint[])
       AND (%(only)s::bigint[] IS NULL OR id = ANY (%(only)s))
     ORDER BY id LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED
), addressed AS (
    UPDATE pgprocess_alert AS alert SET dispatched_at = now() FROM fresh WHERE alert.id = fresh.id
    RETURNING alert.id, alert.kind, alert.process_id
)
INSERT INTO pgprocess_delivery (alert_id, receiver, next_at)
SELECT addressed.id, receiver.name, now()
  FROM addressed, unnest(%(receivers)s::text[]) AS receiver (name)
 WHERE addressed.kind = ANY (%(kinds)s)
 UNION ALL
SELECT addressed.id, 'ping:' || process.ping_url, now()
  FROM addressed JOIN pgprocess_process AS process ON process.id = addressed.process_id
 WHERE addressed.kind = 'ping' AND process.ping_url <> ''
    ON CONFLICT (alert_id, receiver) DO NOTHING
