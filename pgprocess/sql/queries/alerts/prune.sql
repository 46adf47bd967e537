-- Delete the alerts of so many days ago, with their deliveries.
WITH old AS MATERIALIZED (
    SELECT id FROM pgprocess_alert WHERE created_at < now() - make_interval(days => %(days)s)
), deliveries AS (
    DELETE FROM pgprocess_delivery USING old WHERE alert_id = old.id
)
DELETE FROM pgprocess_alert USING old WHERE pgprocess_alert.id = old.id
