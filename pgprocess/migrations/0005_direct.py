"""The trigger that fires for every row of a claim and a completion calls its rule itself."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from pgprocess.operations import InstallSQL

OLD = ("guard(pgprocess_jobtask, text)", "stamp(pgprocess_jobtask, pgprocess_jobtask)")

CALLED = ("send_back", "settle", "verdict", "finish", "wake", "advance")


class Migration(migrations.Migration):
    dependencies = [("pgprocess", "0004_retention")]

    operations = [
        InstallSQL("0005_may"),
        InstallSQL("0005_become"),
        *[InstallSQL(f"0005_{name}", previous=f"0002_{name}") for name in CALLED],
        pgtrigger.migrations.RemoveTrigger("jobtask", "guard"),
        pgtrigger.migrations.AddTrigger(
            "jobtask",
            pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))',
                    execute="pgprocess_become()",
                    func="RETURN NULL;",
                    hash="868b88e8085f3209dc325d3585e7ca73da510db6",
                    operation="UPDATE",
                    pgid="pgtrigger_guard_d4a91",
                    table="pgprocess_jobtask",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(
            "".join(f"DROP FUNCTION pgprocess_{signature};" for signature in OLD),
            "".join(InstallSQL.text(f"0002_{signature.partition('(')[0]}") for signature in OLD),
        ),
    ]
