"""The view that volatility and anomalies are computed from."""

from __future__ import annotations

from django.db import migrations

CREATE = """
CREATE VIEW rates_dailyreturn AS
SELECT currency, day, rate, ln(rate::float8 / previous::float8) AS log_return
FROM (
    SELECT currency, day, rate, lag(rate) OVER series AS previous, day - lag(day) OVER series AS pause
    FROM rates_rate
    WINDOW series AS (PARTITION BY currency ORDER BY day)
) AS pair
WHERE pause <= 7  -- a currency that was suspended for years has no daily return across the hole
"""

DROP = "DROP VIEW rates_dailyreturn"


class Migration(migrations.Migration):
    """Daily logarithmic returns, one a currency and day."""

    dependencies = [("rates", "0001_tables")]

    operations = [migrations.RunSQL(CREATE, DROP)]
