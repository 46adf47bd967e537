-- Who keeps vacuum from removing dead rows of this database, for how many seconds where that is known, and of how many
-- transactions. A user who may not see the sessions of others (pg_read_all_stats) gets only their own.
WITH holder AS (
    SELECT 'session' AS kind, pid::text AS key,
           concat_ws(', ', pid::text, 'user ' || usename, nullif(application_name, ''), state) AS who,
           clock_timestamp() - xact_start AS held, greatest(age(backend_xmin), age(backend_xid)) AS transactions
      FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
     UNION ALL
    SELECT 'prepared', quote_literal(gid), gid, clock_timestamp() - prepared, age(transaction)
      FROM pg_prepared_xacts WHERE database = current_database()
     UNION ALL
    SELECT 'slot', quote_literal(slot_name),
           slot_name || CASE WHEN active THEN ' (active)' ELSE ' (nobody reads it)' END, NULL, age(xmin)
      FROM pg_replication_slots
     UNION ALL
    SELECT 'standby', coalesce(application_name, ''), concat_ws(' at ', application_name, client_addr::text),
           NULL, age(backend_xmin)
      FROM pg_stat_replication
)
SELECT kind, key, who, extract(epoch FROM held)::float8 AS seconds, transactions
  FROM holder
 WHERE transactions IS NOT NULL AND (held > %(held)s::interval OR transactions > %(transactions)s)
 ORDER BY transactions DESC, key
