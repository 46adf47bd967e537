-- The tables of ours where vacuum does not keep up, or may not run by itself.
SELECT * FROM (
    SELECT relname AS "table", n_dead_tup AS dead, n_live_tup AS live,
           coalesce((SELECT NOT option_value::boolean FROM pg_options_to_table(reloptions)
                      WHERE option_name = 'autovacuum_enabled'), false) AS off
      FROM pg_stat_user_tables AS stat JOIN pg_class USING (relname) WHERE pg_class.oid = stat.relid
       AND starts_with(relname, 'pgprocess_') AND pg_table_is_visible(relid)) AS kept
 WHERE off OR dead > %(dead)s AND dead > live / 2
 ORDER BY 1
