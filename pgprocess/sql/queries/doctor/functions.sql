-- The functions with names of ours, as they are installed.
SELECT proname AS name, prosrc AS body,
       ARRAY(SELECT unnest(proconfig) AS setting EXCEPT SELECT 'search_path=' || current_schema() || ', pg_temp')
       AS settings,
       CASE provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' ELSE 'VOLATILE' END AS volatility
  FROM pg_proc
 WHERE starts_with(proname, 'pgprocess_') AND pg_function_is_visible(oid)
