-- What a person has to know: alerts for whoever runs the system, notifications for the coordinators of one organisation.
-- Both hold words of closed lists and ids, so that they can be sent anywhere.

create table public.hlf_sync_alerts (
  id uuid primary key default private.uuid_v7(),
  kind text not null,
  opened_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  closed_at timestamptz,
  constraint kind_is_known check (
    kind in (
      'credentials_rejected', 'dead_letters', 'missing_secret', 'tracking_failed', 'audit_gap', 'nights_stopped',
      'rows_overdue', 'gate_stuck', 'duplicates', 'partition_missing', 'seal_broken'
    )
  )
);
comment on table public.hlf_sync_alerts is 'Alerts; at most one of a kind is open at a time.';
comment on column public.hlf_sync_alerts.last_seen_at is 'When the cause was last observed.';
comment on column public.hlf_sync_alerts.closed_at is 'When the cause was gone; null while open.';
create unique index hlf_sync_alerts_open_kind_key on public.hlf_sync_alerts (kind) where closed_at is null;

create table public.coordinator_notifications (
  id uuid primary key default private.uuid_v7(),
  organisation_id uuid not null,
  mentor_id uuid not null,
  kind text not null,
  created_at timestamptz not null default now(),
  constraint kind_is_known check (kind in ('dead_lettered', 'certification_reminder', 'certification_expired'))
);
comment on table public.coordinator_notifications is 'What the coordinators of an organisation are to be told.';
create index coordinator_notifications_organisation_id_created_at_idx
on public.coordinator_notifications (organisation_id, created_at);

alter table public.hlf_sync_alerts enable row level security;
alter table public.coordinator_notifications enable row level security;
revoke all on public.hlf_sync_alerts, public.coordinator_notifications
from public, anon, authenticated, service_role;
grant select on public.hlf_sync_alerts, public.coordinator_notifications to authenticated, service_role;

create policy "Coordinators read alerts"
on public.hlf_sync_alerts for select to authenticated
using (exists (select private.coordinated_organisation_ids()));

create policy "Coordinators read their organisations' notifications"
on public.coordinator_notifications for select to authenticated
using (organisation_id = any (array(select private.coordinated_organisation_ids())));
