"""``make bench``: what is measured, by what bar, beside whom; and how the results become a table and a chart."""
