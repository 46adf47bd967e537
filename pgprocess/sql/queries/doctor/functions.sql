-- The functions with names of ours, as they are installed.
SELECT proname AS name, prosrc AS body, coalesce(proconfig, '{}') AS settings,
       CASE provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' ELSE 'VOLATILE' END AS volatility
  FROM pg_proc
 WHERE starts_with(proname, 'pgprocess_') AND pg_function_is_visible(oid)
