"""The tables. Written by make initial."""

import datetime
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('failed', 'failed'), ('recovered', 'recovered'), ('late', 'late'), ('missed', 'missed'), ('long', 'longer than usual'), ('ping', 'ping')], db_default='failed', default='failed', max_length=40, verbose_name='what')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('dispatched_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='addressed')),
            ],
            options={
                'verbose_name': 'alert',
                'verbose_name_plural': 'alerts',
                'ordering': ('-id',),
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Backfill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(verbose_name='to')),
                ('concurrency', models.IntegerField(db_default=1, default=1, validators=[django.core.validators.MinValueValidator(0)], verbose_name='jobs at once')),
                ('reprocess', models.CharField(choices=[('none', 'none'), ('failed', 'failed'), ('all', 'all')], db_default='none', default='none', max_length=40, verbose_name='run again')),
                ('actor', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='by')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
            ],
            options={
                'verbose_name': 'backfill',
                'verbose_name_plural': 'backfills',
                'ordering': ('-id',),
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('python', 'Python script'), ('shell', 'shell script'), ('perl', 'Perl script'), ('file', 'script file'), ('callable', 'callable'), ('command', 'management command'), ('sql', 'SQL')], db_default='python', default='python', max_length=40, verbose_name='kind')),
                ('code', models.TextField(blank=True, db_default='', default='', help_text='The script, or the SQL.', verbose_name='code')),
                ('target', models.CharField(blank=True, db_default='', default='', help_text="The name of a callable or command, or a script's path.", max_length=500, verbose_name='target')),
                ('interpreter', models.CharField(blank=True, db_default='', default='', max_length=500, verbose_name='interpreter')),
                ('arguments', models.TextField(blank=True, db_default='', default='', help_text='As on a command line.', verbose_name='arguments')),
                ('timeout', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='timeout, seconds')),
                ('max_attempts', models.IntegerField(db_default=1, default=1, validators=[django.core.validators.MinValueValidator(1)], verbose_name='attempts')),
                ('retry_delay', models.FloatField(db_default=0.0, default=0.0, validators=[django.core.validators.MinValueValidator(0)], verbose_name='retry delay, seconds')),
                ('backoff', models.CharField(choices=[('none', 'none'), ('linear', 'linear'), ('exponential', 'exponential')], db_default='none', default='none', max_length=40, verbose_name='backoff')),
                ('retry_jitter', models.FloatField(db_default=0.0, default=0.0, help_text='Share of the delay that chance may add or take: 0 to 1.', verbose_name='retry jitter')),
                ('max_retry_delay', models.FloatField(blank=True, null=True, verbose_name='longest retry delay, seconds')),
                ('name', models.CharField(max_length=200, validators=[django.core.validators.RegexValidator('\\A[^\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]*\\Z', 'A name is one line without control characters.')], verbose_name='name')),
                ('description', models.TextField(blank=True, db_default='', default='', verbose_name='description')),
                ('queue', models.CharField(db_default='default', default='default', max_length=100, validators=[django.core.validators.RegexValidator('\\A[^,\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029 \\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]([^,\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]*[^,\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029 \\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000])?\\Z', "A queue's name is one line without commas, and without blanks at its ends; it is not empty.")], verbose_name='queue')),
                ('priority', models.IntegerField(db_default=0, default=0, help_text='Higher goes first.', verbose_name='priority')),
                ('trigger_rule', models.CharField(choices=[('all_succeeded', 'all succeeded'), ('none_failed', 'none failed'), ('none_failed_min_one_succeeded', 'none failed, one succeeded'), ('all_done', 'all done'), ('one_succeeded', 'one succeeded'), ('one_failed', 'one failed'), ('all_failed', 'all failed'), ('always', 'always')], db_default='all_succeeded', default='all_succeeded', max_length=40, verbose_name='trigger rule')),
                ('allow_failure', models.BooleanField(db_default=False, default=False, help_text='Its failure does not fail the job.', verbose_name='allowed to fail')),
                ('map_over', models.CharField(blank=True, db_default='', default='', help_text="A parent's name: run once per item of its result.", max_length=200, verbose_name='map over')),
                ('level', models.IntegerField(blank=True, help_text='Row in the diagram, from 0; empty: automatic.', null=True, verbose_name='level')),
                ('offset', models.CharField(blank=True, db_default='', default='', help_text='0% is the middle; empty: automatic.', max_length=6, validators=[django.core.validators.RegexValidator('\\A(-?[0-9]{1,3}%?)?\\Z', 'Give a percentage from the middle, like 25%% or -25%%.')], verbose_name='offset')),
                ('is_active', models.BooleanField(db_default=True, default=True, verbose_name='active')),
            ],
            options={
                'verbose_name': 'task',
                'verbose_name_plural': 'tasks',
                'ordering': ('process', 'id'),
                'permissions': (('edit_code', 'Can edit what tasks run'),),
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='TaskDependency',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name': 'dependency',
                'verbose_name_plural': 'dependencies',
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='TaskVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('python', 'Python script'), ('shell', 'shell script'), ('perl', 'Perl script'), ('file', 'script file'), ('callable', 'callable'), ('command', 'management command'), ('sql', 'SQL')], db_default='python', default='python', max_length=40, verbose_name='kind')),
                ('code', models.TextField(blank=True, db_default='', default='', help_text='The script, or the SQL.', verbose_name='code')),
                ('target', models.CharField(blank=True, db_default='', default='', help_text="The name of a callable or command, or a script's path.", max_length=500, verbose_name='target')),
                ('interpreter', models.CharField(blank=True, db_default='', default='', max_length=500, verbose_name='interpreter')),
                ('arguments', models.TextField(blank=True, db_default='', default='', help_text='As on a command line.', verbose_name='arguments')),
                ('timeout', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='timeout, seconds')),
                ('max_attempts', models.IntegerField(db_default=1, default=1, validators=[django.core.validators.MinValueValidator(1)], verbose_name='attempts')),
                ('retry_delay', models.FloatField(db_default=0.0, default=0.0, validators=[django.core.validators.MinValueValidator(0)], verbose_name='retry delay, seconds')),
                ('backoff', models.CharField(choices=[('none', 'none'), ('linear', 'linear'), ('exponential', 'exponential')], db_default='none', default='none', max_length=40, verbose_name='backoff')),
                ('retry_jitter', models.FloatField(db_default=0.0, default=0.0, help_text='Share of the delay that chance may add or take: 0 to 1.', verbose_name='retry jitter')),
                ('max_retry_delay', models.FloatField(blank=True, null=True, verbose_name='longest retry delay, seconds')),
                ('number', models.IntegerField(verbose_name='number')),
                ('digest', models.CharField(max_length=32, verbose_name='digest')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
            ],
            options={
                'verbose_name': 'version',
                'verbose_name_plural': 'versions',
                'ordering': ('task', '-number'),
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Worker',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('host', models.CharField(blank=True, db_default='', default='', max_length=255, verbose_name='host')),
                ('pid', models.IntegerField(db_default=0, default=0, verbose_name='process id')),
                ('queues', models.TextField(blank=True, db_default='', default='', help_text='Comma-separated; empty: all.', verbose_name='queues')),
                ('excluded_queues', models.TextField(blank=True, db_default='', default='', help_text='Comma-separated.', verbose_name='except')),
                ('slots', models.IntegerField(db_default=1, default=1, verbose_name='slots')),
                ('state', models.CharField(choices=[('running', 'running'), ('stopping', 'stopping'), ('stopped', 'stopped'), ('lost', 'lost')], db_default='running', default='running', max_length=40, verbose_name='state')),
                ('started_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='started')),
                ('session', models.BooleanField(db_default=False, default=False, help_text='Its death is noticed at once, since its session ends with it.', verbose_name='holds a session')),
                ('last_seen', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='last seen')),
                ('stuck_since', models.DateTimeField(blank=True, help_text='Its heartbeat comes, but its loop does not turn.', null=True, verbose_name='stands still since')),
                ('lease', models.FloatField(db_default=30.0, default=30.0, verbose_name='lost after, seconds')),
            ],
            options={
                'verbose_name': 'worker',
                'verbose_name_plural': 'workers',
                'ordering': ('-id',),
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('receiver', models.CharField(blank=True, db_default='', default='', help_text='As email:ops@example.com, webhook:https://… or signal.', max_length=600, verbose_name='receiver')),
                ('attempts', models.IntegerField(db_default=0, default=0, verbose_name='attempts')),
                ('next_at', models.DateTimeField(blank=True, null=True, verbose_name='next attempt')),
                ('delivered_at', models.DateTimeField(blank=True, null=True, verbose_name='delivered')),
                ('error', models.TextField(blank=True, db_default='', default='', verbose_name='error')),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='pgprocess.alert', verbose_name='alert')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
                'ordering': ('-id',),
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('running', 'running'), ('succeeded', 'succeeded'), ('failed', 'failed'), ('cancelled', 'cancelled'), ('skipped', 'skipped')], db_default='running', default='running', max_length=40, verbose_name='status')),
                ('params', models.JSONField(blank=True, db_default={}, default=dict, verbose_name='params')),
                ('logical_date', models.DateTimeField(blank=True, help_text='The moment of the schedule that this run stands for.', null=True, verbose_name='logical date')),
                ('run_at', models.DateTimeField(blank=True, null=True, verbose_name='not before')),
                ('buffered', models.BooleanField(db_default=False, default=False, help_text='Its tasks wait until the jobs before it in its line have ended.', verbose_name='waits for its turn')),
                ('origin', models.CharField(choices=[('demand', 'on demand'), ('schedule', 'schedule'), ('backfill', 'backfill')], db_default='demand', default='demand', max_length=40, verbose_name='started by')),
                ('actor', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='by')),
                ('reason', models.TextField(blank=True, db_default='', default='', verbose_name='reason')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='started')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ('cancelled_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='cancelled')),
                ('seen_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='looked at')),
                ('tasks_total', models.IntegerField(db_default=0, default=0, verbose_name='tasks')),
                ('tasks_left', models.IntegerField(db_default=0, default=0, verbose_name='tasks left')),
                ('tasks_failed', models.IntegerField(db_default=0, default=0, verbose_name='tasks failed')),
                ('backfill', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='jobs', to='pgprocess.backfill', verbose_name='backfill')),
            ],
            options={
                'verbose_name': 'job',
                'verbose_name_plural': 'jobs',
                'ordering': ('-id',),
                'permissions': (('cancel_job', 'Can cancel a job'),),
                'base_manager_name': 'objects',
            },
        ),
        migrations.AddField(
            model_name='alert',
            name='job',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='pgprocess.job', verbose_name='job'),
        ),
        migrations.CreateModel(
            name='JobTask',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('map_over', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='map over')),
                ('map_index', models.IntegerField(blank=True, null=True, verbose_name='item')),
                ('item', models.JSONField(blank=True, editable=False, null=True, verbose_name="item's value")),
                ('status', models.CharField(choices=[('awaiting', 'awaiting'), ('scheduled', 'scheduled'), ('ready', 'ready'), ('running', 'running'), ('succeeded', 'succeeded'), ('forced', 'forced'), ('failed', 'failed'), ('upstream_failed', 'upstream failed'), ('skipped', 'skipped'), ('cancelled', 'cancelled')], db_default='awaiting', default='awaiting', max_length=40, verbose_name='status')),
                ('queue', models.CharField(db_default='default', default='default', max_length=100, verbose_name='queue')),
                ('priority', models.IntegerField(db_default=0, default=0, verbose_name='priority')),
                ('trigger_rule', models.CharField(choices=[('all_succeeded', 'all succeeded'), ('none_failed', 'none failed'), ('none_failed_min_one_succeeded', 'none failed, one succeeded'), ('all_done', 'all done'), ('one_succeeded', 'one succeeded'), ('one_failed', 'one failed'), ('all_failed', 'all failed'), ('always', 'always')], db_default='all_succeeded', default='all_succeeded', max_length=40, verbose_name='trigger rule')),
                ('allow_failure', models.BooleanField(db_default=False, default=False, verbose_name='allowed to fail')),
                ('parents_total', models.IntegerField(db_default=0, default=0, verbose_name='parents')),
                ('parents_left', models.IntegerField(db_default=0, default=0, verbose_name='parents left')),
                ('parents_failed', models.IntegerField(db_default=0, default=0, verbose_name='parents failed')),
                ('parents_skipped', models.IntegerField(db_default=0, default=0, verbose_name='parents skipped')),
                ('ready_seq', models.BigIntegerField(editable=False, null=True, verbose_name='place in the queue')),
                ('run_at', models.DateTimeField(blank=True, null=True, verbose_name='not before')),
                ('attempt', models.IntegerField(db_default=0, default=0, verbose_name='attempt')),
                ('free_attempts', models.IntegerField(db_default=0, default=0, help_text='Given back, lost, or made before a retry by a person.', verbose_name='attempts that do not count')),
                ('crashes', models.IntegerField(db_default=0, default=0, verbose_name='lost workers')),
                ('claim_token', models.UUIDField(editable=False, null=True, verbose_name='claim')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='started')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ('exit_code', models.IntegerField(blank=True, null=True, verbose_name='exit code')),
                ('error', models.TextField(blank=True, db_default='', default='', verbose_name='error')),
                ('result', models.JSONField(blank=True, null=True, verbose_name='result')),
                ('reason', models.TextField(blank=True, db_default='', default='', verbose_name='reason')),
                ('actor', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='by')),
                ('job', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='tasks', to='pgprocess.job', verbose_name='job')),
            ],
            options={
                'verbose_name': 'job task',
                'verbose_name_plural': 'job tasks',
                'ordering': ('job', 'id'),
                'permissions': (('reopen_jobtask', 'Can retry and reopen'), ('force_jobtask', 'Can force and skip'), ('view_log', 'Can see what tasks write')),
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField(verbose_name='number')),
                ('status', models.CharField(help_text='How it ended; released: given back, or its worker was lost.', max_length=40, verbose_name='status')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='started')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ('exit_code', models.IntegerField(null=True, verbose_name='exit code')),
                ('error', models.TextField(blank=True, db_default='', default='', verbose_name='error')),
                ('reason', models.TextField(blank=True, db_default='', default='', verbose_name='sent back because')),
                ('actor', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='sent back by')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('jobtask', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='pgprocess.jobtask', verbose_name='job task')),
            ],
            options={
                'verbose_name': 'attempt',
                'verbose_name_plural': 'attempts',
                'ordering': ('jobtask', 'number'),
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='JobTaskDependency',
            fields=[
                ('pk', models.CompositePrimaryKey('parent_id', 'child_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('child', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='edges_up', to='pgprocess.jobtask')),
                ('parent', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='edges_down', to='pgprocess.jobtask')),
            ],
            options={
                'verbose_name': 'edge of a run',
                'verbose_name_plural': 'edges of a run',
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='LogChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attempt', models.IntegerField(verbose_name='attempt')),
                ('seq', models.IntegerField(verbose_name='place')),
                ('stream', models.CharField(choices=[('stdout', 'output'), ('stderr', 'errors')], max_length=10, verbose_name='stream')),
                ('text', models.TextField(verbose_name='text')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='written')),
                ('jobtask', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='log', to='pgprocess.jobtask', verbose_name='job task')),
            ],
            options={
                'verbose_name': 'piece of log',
                'verbose_name_plural': 'log',
                'ordering': ('jobtask', 'attempt', 'seq'),
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Process',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, unique=True, validators=[django.core.validators.RegexValidator('\\A[^\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]*\\Z', 'A name is one line without control characters.')], verbose_name='name')),
                ('description', models.TextField(blank=True, db_default='', default='', verbose_name='description')),
                ('is_active', models.BooleanField(db_default=True, default=True, help_text='Only active processes are run by their schedule.', verbose_name='active')),
                ('minute', models.CharField(blank=True, db_default='', default='', help_text='As in crontab; or @daily and its like, alone.', max_length=200, verbose_name='minute')),
                ('hour', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='hour')),
                ('day_of_month', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='day of month')),
                ('month', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='month')),
                ('day_of_week', models.CharField(blank=True, db_default='', default='', help_text='0 and 7 are Sunday.', max_length=200, verbose_name='day of week')),
                ('timezone', models.CharField(db_default='UTC', default='UTC', help_text='A name like Europe/Berlin.', max_length=64, verbose_name='time zone')),
                ('has_schedule', models.GeneratedField(db_persist=True, expression=models.ExpressionWrapper(models.Q(('minute__regex', '[^ \\t\\n\\r\\f\\v]'), ('hour__regex', '[^ \\t\\n\\r\\f\\v]'), ('day_of_month__regex', '[^ \\t\\n\\r\\f\\v]'), ('month__regex', '[^ \\t\\n\\r\\f\\v]'), ('day_of_week__regex', '[^ \\t\\n\\r\\f\\v]'), _connector='OR'), output_field=models.BooleanField()), output_field=models.BooleanField(), verbose_name='has a schedule')),
                ('start_at', models.DateTimeField(blank=True, null=True, verbose_name='first run not before')),
                ('end_at', models.DateTimeField(blank=True, null=True, verbose_name='last run not after')),
                ('jitter', models.FloatField(db_default=0.0, default=0.0, help_text='Each process begins its runs so much later at most, always by the same time.', validators=[django.core.validators.MinValueValidator(0)], verbose_name='spread over, seconds')),
                ('overlap', models.CharField(choices=[('skip', 'skip'), ('allow', 'allow'), ('buffer_one', 'let one wait'), ('buffer_all', 'let all wait'), ('cancel_running', 'cancel what runs')], db_default='skip', default='skip', max_length=40, verbose_name='if the last job still runs')),
                ('catch_up', models.CharField(choices=[('none', 'none'), ('last', 'the last one'), ('all', 'all')], db_default='last', default='last', max_length=40, verbose_name='runs that were missed')),
                ('misfire_grace', models.FloatField(blank=True, help_text='Empty: a minute without catching up, else as late as it may be.', null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='how late a run may begin, seconds')),
                ('catch_up_limit', models.IntegerField(db_default=100, default=100, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(10000)], verbose_name='runs to catch up at most')),
                ('run_if_failed', models.BooleanField(db_default=True, default=True, help_text='Off: a job that fails pauses the process.', verbose_name='run after a failure')),
                ('pause_after_failures', models.IntegerField(db_default=0, default=0, help_text='0: never.', validators=[django.core.validators.MinValueValidator(0)], verbose_name='pause after failures in a row')),
                ('late_after', models.FloatField(blank=True, help_text='A run that has not begun by then is told of; empty: as the settings say.', null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='late after, seconds')),
                ('ping_url', models.CharField(blank=True, db_default='', default='', help_text="A monitor's address, called after each success: it tells when the calls stop.", max_length=500, validators=[django.core.validators.URLValidator(['http', 'https'])], verbose_name='ping')),
                ('next_run_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='next run')),
                ('scheduled_from', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='schedule counts from')),
                ('looked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='looked at by a cron')),
                ('last_slot', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last slot looked at')),
                ('last_offset', models.IntegerField(blank=True, editable=False, null=True, verbose_name='its seconds ahead of UTC')),
                ('failures', models.IntegerField(db_default=0, default=0, editable=False, verbose_name='failures in a row')),
                ('paused_reason', models.TextField(blank=True, db_default='', default='', editable=False, verbose_name='paused because')),
                ('paused_by', models.CharField(blank=True, db_default='', default='', editable=False, max_length=200, verbose_name='paused by')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
            ],
            options={
                'verbose_name': 'process',
                'verbose_name_plural': 'processes',
                'ordering': ('name',),
                'permissions': (('run_process', 'Can run a process on demand'),),
                'base_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('has_schedule', True), ('is_active', True)), fields=['next_run_at'], name='pgprocess_process_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('overlap__in', ['skip', 'allow', 'buffer_one', 'buffer_all', 'cancel_running'])), name='pgprocess_process_overlap_known'), models.CheckConstraint(condition=models.Q(('catch_up__in', ['none', 'last', 'all'])), name='pgprocess_process_catch_up_known'), models.CheckConstraint(condition=models.Q(('jitter__gte', 0.0), ('jitter__lte', 316224000.0)), name='pgprocess_process_jitter_range', violation_error_message='A number here is between 0.0 and 316224000.0.'), models.CheckConstraint(condition=models.Q(('misfire_grace__gte', 0.0), ('misfire_grace__lte', 316224000.0)), name='pgprocess_process_misfire_grace_range', violation_error_message='A number here is between 0.0 and 316224000.0.'), models.CheckConstraint(condition=models.Q(('late_after__gte', 0.0), ('late_after__lte', 316224000.0)), name='pgprocess_process_late_after_range', violation_error_message='A number here is between 0.0 and 316224000.0.'), models.CheckConstraint(condition=models.Q(('catch_up_limit__gte', 1), ('catch_up_limit__lte', 10000)), name='pgprocess_process_catch_up_limit_range', violation_error_message='A number here is between 1 and 10000.'), models.CheckConstraint(condition=models.Q(('pause_after_failures__gte', 0), ('pause_after_failures__lte', 1000000)), name='pgprocess_process_pause_after_failures_range', violation_error_message='A number here is between 0 and 1000000.'), models.CheckConstraint(condition=models.Q(('failures__gte', 0), ('failures__lte', 1000000000)), name='pgprocess_process_failures_range', violation_error_message='A number here is between 0 and 1000000000.'), models.CheckConstraint(condition=models.Q(('last_offset__gte', -86400), ('last_offset__lte', 86400)), name='pgprocess_process_last_offset_range', violation_error_message='A number here is between -86400 and 86400.'), models.CheckConstraint(condition=models.Q(('created_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('end_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('last_slot__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('looked_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('next_run_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('scheduled_from__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('start_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('created_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('end_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('last_slot__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('looked_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('next_run_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('scheduled_from__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('start_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='pgprocess_process_calendar', violation_error_message='A date lies between the years 2 and 9998.'), models.CheckConstraint(condition=models.Q(('name__regex', '\\A[^\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]*\\Z')), name='pgprocess_process_name_is_well_formed', violation_error_message='A name is one line without control characters.')],
            },
        ),
        migrations.AddField(
            model_name='job',
            name='process',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='jobs', to='pgprocess.process', verbose_name='process'),
        ),
        migrations.AddField(
            model_name='backfill',
            name='process',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='backfills', to='pgprocess.process', verbose_name='process'),
        ),
        migrations.AddField(
            model_name='alert',
            name='process',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='pgprocess.process', verbose_name='process'),
        ),
        migrations.AddField(
            model_name='task',
            name='process',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tasks', to='pgprocess.process', verbose_name='process'),
        ),
        migrations.AddField(
            model_name='jobtask',
            name='task',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.RESTRICT, related_name='runs', to='pgprocess.task', verbose_name='task'),
        ),
        migrations.AddField(
            model_name='taskdependency',
            name='parent',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='dependents', to='pgprocess.task', verbose_name='parent'),
        ),
        migrations.AddField(
            model_name='taskdependency',
            name='task',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='dependencies', to='pgprocess.task', verbose_name='task'),
        ),
        migrations.AddField(
            model_name='task',
            name='parents',
            field=models.ManyToManyField(related_name='children', through='pgprocess.TaskDependency', through_fields=('task', 'parent'), to='pgprocess.task'),
        ),
        migrations.AddField(
            model_name='taskversion',
            name='task',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='pgprocess.task', verbose_name='task'),
        ),
        migrations.AddField(
            model_name='task',
            name='version',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='pgprocess.taskversion', verbose_name='current version'),
        ),
        migrations.AddField(
            model_name='jobtask',
            name='version',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='pgprocess.taskversion', verbose_name='version'),
        ),
        migrations.AddIndex(
            model_name='worker',
            index=models.Index(condition=models.Q(('state__in', ['running', 'stopping'])), fields=['last_seen'], name='pgprocess_worker_alive'),
        ),
        migrations.AddConstraint(
            model_name='worker',
            constraint=models.CheckConstraint(condition=models.Q(('last_seen__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('started_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('stuck_since__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('last_seen__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('started_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('stuck_since__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='pgprocess_worker_calendar', violation_error_message='A date lies between the years 2 and 9998.'),
        ),
        migrations.AddConstraint(
            model_name='worker',
            constraint=models.CheckConstraint(condition=models.Q(('lease__gte', 0.0), ('lease__lte', 316224000.0)), name='pgprocess_worker_lease_range', violation_error_message='A number here is between 0.0 and 316224000.0.'),
        ),
        migrations.AddConstraint(
            model_name='worker',
            constraint=models.CheckConstraint(condition=models.Q(('slots__gte', 0), ('slots__lte', 1000000)), name='pgprocess_worker_slots_range', violation_error_message='A number here is between 0 and 1000000.'),
        ),
        migrations.AddField(
            model_name='jobtask',
            name='worker',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='jobtasks', to='pgprocess.worker', verbose_name='worker'),
        ),
        migrations.AddField(
            model_name='attempt',
            name='worker',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='pgprocess.worker', verbose_name='worker'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='pgprocess_delivery_due'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('alert', 'receiver'), name='pgprocess_delivery_once'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('delivered_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('next_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('delivered_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('next_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='pgprocess_delivery_calendar', violation_error_message='A date lies between the years 2 and 9998.'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('attempts__gte', 0), ('attempts__lte', 1000)), name='pgprocess_delivery_attempts_range', violation_error_message='A number here is between 0 and 1000.'),
        ),
        migrations.AddConstraint(
            model_name='logchunk',
            constraint=models.UniqueConstraint(fields=('jobtask', 'attempt', 'seq'), name='pgprocess_logchunk_unique'),
        ),
        migrations.AddConstraint(
            model_name='logchunk',
            constraint=models.CheckConstraint(condition=models.Q(('created_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('created_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='pgprocess_logchunk_calendar', violation_error_message='A date lies between the years 2 and 9998.'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(fields=['process', '-id'], name='pgprocess_job_of_process'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('status', 'running')), fields=['process'], name='pgprocess_job_running'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('status', 'running'), _negated=True), fields=['status', 'finished_at', 'id'], name='pgprocess_job_over'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('buffered', True)), fields=['process', 'backfill', 'logical_date'], name='pgprocess_job_in_line'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('backfill__isnull', False)), fields=['backfill'], name='pgprocess_job_of_backfill'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('status__in', ['failed', 'cancelled', 'skipped'])), fields=['status', '-id'], name='pgprocess_job_ended_badly'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('status', 'failed'), models.Q(('seen_at', None), ('seen_at__lt', models.F('finished_at')), _connector='OR')), fields=['-id'], name='pgprocess_job_unseen'),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=models.UniqueConstraint(fields=('process', 'logical_date'), name='pgprocess_job_slot_unique'),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['running', 'succeeded', 'failed', 'cancelled', 'skipped'])), name='pgprocess_job_status_known'),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=models.CheckConstraint(condition=models.Q(('tasks_failed__gte', 0), ('tasks_left__gte', 0)), name='pgprocess_job_counts'),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=models.CheckConstraint(condition=models.Q(('cancelled_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('created_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('finished_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('logical_date__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('run_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('seen_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('started_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('cancelled_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('created_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('finished_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('logical_date__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('run_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('seen_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('started_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='pgprocess_job_calendar', violation_error_message='A date lies between the years 2 and 9998.'),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.Exact(models.Func('params', function='jsonb_typeof', output_field=models.TextField()), 'object'), name='pgprocess_job_params_are_an_object', violation_error_message='Params are a JSON object: write them in braces.'),
        ),
        migrations.AddConstraint(
            model_name='backfill',
            constraint=models.CheckConstraint(condition=models.Q(('reprocess__in', ['none', 'failed', 'all'])), name='pgprocess_backfill_reprocess_known'),
        ),
        migrations.AddConstraint(
            model_name='backfill',
            constraint=models.CheckConstraint(condition=models.Q(('created_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('ends_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('starts_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('created_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('ends_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('starts_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='pgprocess_backfill_calendar', violation_error_message='A date lies between the years 2 and 9998.'),
        ),
        migrations.AddConstraint(
            model_name='backfill',
            constraint=models.CheckConstraint(condition=models.Q(('concurrency__gte', 0), ('concurrency__lte', 1000000)), name='pgprocess_backfill_concurrency_range', violation_error_message='A number here is between 0 and 1000000.'),
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(condition=models.Q(('dispatched_at__isnull', True)), fields=['id'], name='pgprocess_alert_new'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['failed', 'recovered', 'late', 'missed', 'long', 'ping'])), name='pgprocess_alert_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(('created_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('dispatched_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('created_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('dispatched_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='pgprocess_alert_calendar', violation_error_message='A date lies between the years 2 and 9998.'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.UniqueConstraint(condition=models.Q(('kind__in', ['late', 'long'])), fields=('job', 'kind'), name='pgprocess_alert_once'),
        ),
        migrations.AddConstraint(
            model_name='taskdependency',
            constraint=models.UniqueConstraint(fields=('parent', 'task'), name='pgprocess_taskdependency_unique'),
        ),
        migrations.AddConstraint(
            model_name='taskversion',
            constraint=models.UniqueConstraint(fields=('task', 'number'), name='pgprocess_taskversion_unique'),
        ),
        migrations.AddConstraint(
            model_name='taskversion',
            constraint=models.UniqueConstraint(fields=('task', 'id'), name='pgprocess_taskversion_of_task'),
        ),
        migrations.AddConstraint(
            model_name='taskversion',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1), ('number__lte', 1000000000)), name='pgprocess_taskversion_number_range', violation_error_message='A number here is between 1 and 1000000000.'),
        ),
        migrations.AddConstraint(
            model_name='taskversion',
            constraint=models.CheckConstraint(condition=models.Q(('created_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('created_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='pgprocess_taskversion_calendar', violation_error_message='A date lies between the years 2 and 9998.'),
        ),
        migrations.AddConstraint(
            model_name='taskversion',
            constraint=models.CheckConstraint(condition=models.Q(('timeout__gte', 0.0), ('timeout__lte', 316224000.0)), name='pgprocess_taskversion_timeout_range', violation_error_message='A number here is between 0.0 and 316224000.0.'),
        ),
        migrations.AddConstraint(
            model_name='taskversion',
            constraint=models.CheckConstraint(condition=models.Q(('retry_delay__gte', 0.0), ('retry_delay__lte', 316224000.0)), name='pgprocess_taskversion_retry_delay_range', violation_error_message='A number here is between 0.0 and 316224000.0.'),
        ),
        migrations.AddConstraint(
            model_name='taskversion',
            constraint=models.CheckConstraint(condition=models.Q(('max_retry_delay__gte', 0.0), ('max_retry_delay__lte', 316224000.0)), name='pgprocess_taskversion_max_retry_delay_range', violation_error_message='A number here is between 0.0 and 316224000.0.'),
        ),
        migrations.AddConstraint(
            model_name='taskversion',
            constraint=models.CheckConstraint(condition=models.Q(('max_attempts__gte', 1), ('max_attempts__lte', 1000000)), name='pgprocess_taskversion_max_attempts_range', violation_error_message='A number here is between 1 and 1000000.'),
        ),
        migrations.AddConstraint(
            model_name='taskversion',
            constraint=models.CheckConstraint(condition=models.Q(('retry_jitter__gte', 0.0), ('retry_jitter__lte', 1.0)), name='pgprocess_taskversion_retry_jitter_range', violation_error_message='A number here is between 0.0 and 1.0.'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.UniqueConstraint(fields=('process', 'name'), name='pgprocess_task_name_unique'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['python', 'shell', 'perl', 'file', 'callable', 'command', 'sql'])), name='pgprocess_task_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('trigger_rule__in', ['all_succeeded', 'none_failed', 'none_failed_min_one_succeeded', 'all_done', 'one_succeeded', 'one_failed', 'all_failed', 'always'])), name='pgprocess_task_trigger_rule_known'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('backoff__in', ['none', 'linear', 'exponential'])), name='pgprocess_task_backoff_known'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('name__regex', '\\A[^\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]*\\Z')), name='pgprocess_task_name_is_well_formed', violation_error_message='A name is one line without control characters.'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('queue__regex', '\\A[^,\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029 \\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]([^,\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]*[^,\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029 \\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000])?\\Z')), name='pgprocess_task_queue_is_well_formed', violation_error_message="A queue's name is one line without commas, and without blanks at its ends; it is not empty."),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('priority__gte', -1000000), ('priority__lte', 1000000)), name='pgprocess_task_priority_range', violation_error_message='A number here is between -1000000 and 1000000.'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('level__gte', 0), ('level__lte', 10000)), name='pgprocess_task_level_range', violation_error_message='A number here is between 0 and 10000.'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('timeout__gte', 0.0), ('timeout__lte', 316224000.0)), name='pgprocess_task_timeout_range', violation_error_message='A number here is between 0.0 and 316224000.0.'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('retry_delay__gte', 0.0), ('retry_delay__lte', 316224000.0)), name='pgprocess_task_retry_delay_range', violation_error_message='A number here is between 0.0 and 316224000.0.'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('max_retry_delay__gte', 0.0), ('max_retry_delay__lte', 316224000.0)), name='pgprocess_task_max_retry_delay_range', violation_error_message='A number here is between 0.0 and 316224000.0.'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('max_attempts__gte', 1), ('max_attempts__lte', 1000000)), name='pgprocess_task_max_attempts_range', violation_error_message='A number here is between 1 and 1000000.'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('retry_jitter__gte', 0.0), ('retry_jitter__lte', 1.0)), name='pgprocess_task_retry_jitter_range', violation_error_message='A number here is between 0.0 and 1.0.'),
        ),
        migrations.AddIndex(
            model_name='jobtask',
            index=models.Index(condition=models.Q(('status', 'ready')), fields=['queue', 'priority', 'ready_seq'], name='pgprocess_jobtask_ready'),
        ),
        migrations.AddIndex(
            model_name='jobtask',
            index=models.Index(condition=models.Q(('status', 'running')), fields=['worker'], name='pgprocess_jobtask_running'),
        ),
        migrations.AddIndex(
            model_name='jobtask',
            index=models.Index(condition=models.Q(('status', 'scheduled')), fields=['run_at'], name='pgprocess_jobtask_due'),
        ),
        migrations.AddIndex(
            model_name='jobtask',
            index=models.Index(condition=models.Q(('job__isnull', True)), fields=['status', 'finished_at', 'id'], name='pgprocess_jobtask_alone'),
        ),
        migrations.AddIndex(
            model_name='jobtask',
            index=models.Index(condition=models.Q(('status__in', ['failed', 'upstream_failed', 'skipped', 'cancelled', 'forced'])), fields=['status', '-id'], name='pgprocess_jobtask_ended_badly'),
        ),
        migrations.AddConstraint(
            model_name='jobtask',
            constraint=models.UniqueConstraint(fields=('job', 'task', 'map_index'), name='pgprocess_jobtask_unique'),
        ),
        migrations.AddConstraint(
            model_name='jobtask',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['awaiting', 'scheduled', 'ready', 'running', 'succeeded', 'forced', 'failed', 'upstream_failed', 'skipped', 'cancelled'])), name='pgprocess_jobtask_status_known'),
        ),
        migrations.AddConstraint(
            model_name='jobtask',
            constraint=models.CheckConstraint(condition=models.Q(('trigger_rule__in', ['all_succeeded', 'none_failed', 'none_failed_min_one_succeeded', 'all_done', 'one_succeeded', 'one_failed', 'all_failed', 'always'])), name='pgprocess_jobtask_trigger_rule_known'),
        ),
        migrations.AddConstraint(
            model_name='jobtask',
            constraint=models.CheckConstraint(condition=models.Q(('finished_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('run_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('started_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('finished_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('run_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('started_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='pgprocess_jobtask_calendar', violation_error_message='A date lies between the years 2 and 9998.'),
        ),
        migrations.AddConstraint(
            model_name='jobtask',
            constraint=models.CheckConstraint(condition=models.Q(('priority__gte', -1000000), ('priority__lte', 1000000), ('attempt__gte', 0), ('attempt__lte', 1000000000), ('free_attempts__gte', 0), ('free_attempts__lte', 1000000000), ('crashes__gte', 0), ('crashes__lte', 1000000000), ('map_index__gte', 0), ('map_index__lte', 1000000000)), name='pgprocess_jobtask_ranges', violation_error_message='A number is too small or too large.'),
        ),
        migrations.AddConstraint(
            model_name='jobtask',
            constraint=models.CheckConstraint(condition=models.Q(('queue__regex', '\\A[^,\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029 \\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]([^,\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]*[^,\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029 \\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000])?\\Z')), name='pgprocess_jobtask_queue_is_well_formed', violation_error_message="A queue's name is one line without commas, and without blanks at its ends; it is not empty."),
        ),
        migrations.AddConstraint(
            model_name='jobtask',
            constraint=models.CheckConstraint(condition=models.Q(('parents_failed__gte', 0), ('parents_left__gte', 0), ('parents_skipped__gte', 0), ('parents_total__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('parents_left'), '+', models.F('parents_failed')), '+', models.F('parents_skipped')))), name='pgprocess_jobtask_counts'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.UniqueConstraint(fields=('jobtask', 'number'), name='pgprocess_attempt_unique'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(('created_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('finished_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('started_at__gte', datetime.datetime(2, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('created_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('finished_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('started_at__lt', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='pgprocess_attempt_calendar', violation_error_message='A date lies between the years 2 and 9998.'),
        ),
    ]
