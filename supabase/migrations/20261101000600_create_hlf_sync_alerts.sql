-- What a person has to know: alerts for the people who run the system, notifications for the coordinators of one
-- organisation. Both hold words of closed lists and ids, so that they can be sent anywhere.

create table hlf_sync.alert_kinds (
  kind text primary key,
  meaning text not null,
  acts text not null
);
comment on table hlf_sync.alert_kinds is
  'The closed list of alerts, with what each message says. docs/reference/alerts.md has a section for each.';
comment on column hlf_sync.alert_kinds.meaning is 'What is wrong, in a sentence for somebody who is new to it.';
comment on column hlf_sync.alert_kinds.acts is 'Who has to act.';

insert into hlf_sync.alert_kinds (kind, meaning, acts) values
('credentials_rejected', 'Entra or Dynamics refuses the function''s credentials or rights. Nothing is sent to Dynamics until it accepts them.',
  'HLF''s IT with the team that runs hlf-sync'),
('settings_rejected', 'Dynamics refuses every mentor with the same code: a column, table or key that the settings name is not as they say. Nothing is sent until that is mended.',
  'the team that runs hlf-sync, with HLF''s IT'),
('dynamics_unreachable', 'Attempts are made and none succeeds: Dynamics or Entra cannot be reached or answers with faults.',
  'the team that runs hlf-sync, with HLF''s IT'),
('dead_letters', 'Attempts have stopped for some mentors. The website may show somebody it must not.',
  'coordinators on their page; HLF creates missing listings'),
('rows_overdue', 'Mentors are waiting for Dynamics to confirm: a remove for 15 minutes or a restore for an hour.',
  'the team that runs hlf-sync'),
('gate_stuck', 'Sending has been stopped for 15 minutes.', 'the team that runs hlf-sync'),
('cannot_call', 'The database cannot call the function or a webhook: a secret is missing or no URL, pg_net refuses, or the answer was no success, or nothing came of it.',
  'the team that runs hlf-sync'),
('tracking_failed', 'A trigger missed a change of a mentor. The sweep has noted it since.', 'the team that runs hlf-sync'),
('mass_change_held', 'The sweep or the night found that more than a tenth of an organisation''s mentors would be hidden or shown at once. Nobody is, before the team has looked: the adapter or the listings may be wrong.',
  'the team that runs hlf-sync'),
('step_failed', 'A step of the sweep or of the night fails, or a row was left out of it. The other steps go on.',
  'the team that runs hlf-sync'),
('audit_gap', 'An attempt has had no row in the audit log for a quarter of an hour, or the log cannot be written.',
  'the team that runs hlf-sync'),
('nights_stopped', 'The listings were not read: not in 26 hours, or tonight''s reading has not ended for a quarter of an hour. What changed by hand in Dynamics is not noticed.',
  'the team that runs hlf-sync'),
('reading_implausible', 'The listings that Dynamics gave cannot be believed: none, far fewer than the night before, unreadable, or of another environment. Nothing was done about them.',
  'the team that runs hlf-sync, with HLF''s IT'),
('listings_unaddressable', 'Published listings have a key that hlf-sync cannot address, so it cannot hide them.', 'HLF''s IT'),
('drift_returns', 'The same listing has differed three nights running: something else changes it.', 'HLF''s IT'),
('duplicates', 'A certification period was expired or reminded of twice: a mentor was set active again without a new date.',
  'the organisation''s coordinators'),
('partition_missing', 'The audit log lacks next year''s partition.', 'the team that runs hlf-sync'),
('seal_broken', 'The audit log does not match its seals. Treat it as an incident.', 'the team that runs hlf-sync, with HLF'),
('sealing_stopped', 'A day of the audit log was not sealed in time.', 'the team that runs hlf-sync'),
('verification_stopped', 'The audit log was not verified in the last 26 hours.', 'the team that runs hlf-sync'),
('jobs_stopped', 'A scheduled job is missing, changed, or has not succeeded in its time.', 'the team that runs hlf-sync'),
('foreign_project', 'This database is a copy of another project''s, so it sends nothing.', 'the person who made the copy');

create table public.hlf_sync_alerts (
  id uuid primary key default hlf_sync.uuid_v7(),
  kind text not null,
  opened_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  reopened_at timestamptz,
  closed_at timestamptz,
  affected_count integer,
  constraint kind_is_known foreign key (kind) references hlf_sync.alert_kinds (kind)
);
comment on table public.hlf_sync_alerts is 'Alerts; at most one of a kind is open at a time.';
comment on column public.hlf_sync_alerts.last_seen_at is 'When the cause was last observed, to the minute.';
comment on column public.hlf_sync_alerts.reopened_at is
  'When the cause came back within an hour of its end: that is the same alert, not another one.';
comment on column public.hlf_sync_alerts.closed_at is 'When the cause was gone; null while open.';
comment on column public.hlf_sync_alerts.affected_count is 'How many mentors or listings it is about, where that is known.';
create unique index hlf_sync_alerts_open_kind_key on public.hlf_sync_alerts (kind) where closed_at is null;

create table public.hlf_coordinator_notifications (
  id uuid primary key default hlf_sync.uuid_v7(),
  organisation_id uuid not null,
  mentor_id uuid not null,
  kind text not null,
  created_at timestamptz not null default now(),
  told_at timestamptz,
  constraint kind_is_known check (kind in ('dead_lettered', 'certification_reminder', 'certification_expired'))
);
comment on table public.hlf_coordinator_notifications is 'What the coordinators of an organisation are to be told.';
comment on column public.hlf_coordinator_notifications.told_at is 'When a digest counted it in; null before, or without a webhook.';
create index hlf_coordinator_notifications_organisation_id_created_at_idx
on public.hlf_coordinator_notifications (organisation_id, created_at);
create index hlf_coordinator_notifications_untold_idx
on public.hlf_coordinator_notifications (organisation_id) where told_at is null;

alter table public.hlf_sync_alerts enable row level security;
alter table public.hlf_coordinator_notifications enable row level security;
revoke all on hlf_sync.alert_kinds, public.hlf_sync_alerts, public.hlf_coordinator_notifications
from public, anon, authenticated, service_role;
grant select on public.hlf_sync_alerts, public.hlf_coordinator_notifications to service_role;
grant select on public.hlf_coordinator_notifications to authenticated;
-- How many it is about counts the mentors of every organisation.
grant select (kind, opened_at, closed_at) on public.hlf_sync_alerts to authenticated;

-- The rest is for the people who run the system, or may be about another organisation.
create policy "Coordinators read the alerts that concern every organisation"
on public.hlf_sync_alerts for select to authenticated
using (
  kind in ('dynamics_unreachable', 'cannot_call', 'gate_stuck', 'jobs_stopped', 'nights_stopped')
  and exists (select hlf_sync.coordinated_organisation_ids())
);

create policy "Coordinators read their organisations' notifications"
on public.hlf_coordinator_notifications for select to authenticated
using (organisation_id = any (array(select hlf_sync.coordinated_organisation_ids())));
