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

create function hlf_sync.tell_of_alert(alert_kind text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  alert public.hlf_sync_alerts;
  told hlf_sync.messages;
  state text;
  details jsonb;
begin
  select a.* into alert
  from public.hlf_sync_alerts as a
  where a.kind = alert_kind
  order by a.closed_at is null desc, a.closed_at desc
  limit 1;
  select m.* into told from hlf_sync.messages as m where m.subject = 'alert ' || alert_kind;
  state := case when alert.closed_at is null then 'open' else 'over' end;

  if alert.id is null or (
    case state
      when 'open' then told.state = 'open'
        -- Told already: again after a day, or when it has become more of them, at most once an hour.
        and told.written_at > now() - interval '1 day'
        and (
          coalesce(alert.affected_count, 0) <= coalesce(told.affected_count, 0)
          or told.written_at > now() - interval '1 hour'
        )
      else told.state is distinct from 'open'
        -- What comes and goes is over once it has been gone for an hour.
        or (alert.reopened_at is not null and alert.closed_at > now() - interval '1 hour')
    end
  ) then
    return;
  end if;

  select jsonb_build_object(
    'project', hlf_sync.project_name(),
    'kind', alert.kind,
    'state', state,
    'opened_at', alert.opened_at,
    'closed_at', alert.closed_at,
    'affected_count', alert.affected_count,
    'meaning', k.meaning,
    'acts', k.acts,
    'page', coalesce(hlf_sync.callable_url('hlf_sync_runbook_url'), 'docs/reference/alerts.md') || '#' || alert.kind
  ) into details
  from hlf_sync.alert_kinds as k
  where k.kind = alert.kind;

  perform hlf_sync.write_message(
    'alert ' || alert.kind, 'hlf_sync_alert_webhook_url', state, alert.affected_count,
    case state
      when 'open' then format(
        'hlf-sync alert: %s (%s, since %s UTC). %s%s Who acts: %s. What to do: %s',
        alert.kind, details ->> 'project', to_char(alert.opened_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
        details ->> 'meaning', case when alert.affected_count is null then '' else format(' It is about %s.', alert.affected_count) end, details ->> 'acts',
        details ->> 'page'
      )
      else format(
        'hlf-sync alert over: %s (%s, %s to %s UTC).', alert.kind, details ->> 'project',
        to_char(alert.opened_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
        to_char(alert.closed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
      )
    end,
    details
  );
end
$$;
comment on function hlf_sync.tell_of_alert(text) is
  'Writes the message that an alert wants: when it opens, again daily and when it grows, and when it is over.';

create function hlf_sync.raise_alert(alert_kind text, affected_count integer default null)
returns void
language plpgsql
set search_path = ''
set lock_timeout = '1s'
as $$
declare
  last_id uuid;
begin
  -- A kind that comes back within an hour is the same alert.
  select a.id into last_id
  from public.hlf_sync_alerts as a
  where a.kind = alert_kind and (a.closed_at is null or a.closed_at > now() - interval '1 hour')
  order by a.closed_at is null desc, a.closed_at desc
  limit 1;
  if last_id is null then
    insert into public.hlf_sync_alerts (kind, affected_count)
    values (alert_kind, raise_alert.affected_count)
    on conflict (kind) where closed_at is null do nothing;
  else
    update public.hlf_sync_alerts as a set
      closed_at = null,
      reopened_at = case when a.closed_at is null then a.reopened_at else now() end,
      last_seen_at = now(),
      affected_count = coalesce(raise_alert.affected_count, a.affected_count)
    where a.id = (
      -- A transaction that is writing this alert now says the same; waiting for it could end in a deadlock.
      select l.id from public.hlf_sync_alerts as l where l.id = last_id for update skip locked
    );
  end if;
  perform hlf_sync.tell_of_alert(alert_kind);
exception when deadlock_detected or lock_not_available then
  raise warning 'hlf-sync: the alert % is noted by the next round (%)', alert_kind, sqlstate;
end
$$;
comment on function hlf_sync.raise_alert(text, integer) is
  'Opens the alert of a kind, or notes that it was seen again, and has it told. Its row stands whatever the sending does.';

create function hlf_sync.close_alert(alert_kind text)
returns void
language plpgsql
set search_path = ''
set lock_timeout = '1s'
as $$
begin
  update public.hlf_sync_alerts as a set closed_at = now()
  where a.id = (
    select l.id from public.hlf_sync_alerts as l where l.kind = alert_kind and l.closed_at is null for update skip locked
  );
  if found then
    perform hlf_sync.tell_of_alert(alert_kind);
  end if;
exception when deadlock_detected or lock_not_available then
  raise warning 'hlf-sync: the end of the alert % is noted by the next round (%)', alert_kind, sqlstate;
end
$$;
comment on function hlf_sync.close_alert(text) is 'Closes the open alert of a kind and has it told.';

create function hlf_sync.set_alert(alert_kind text, is_on boolean, affected_count integer default null)
returns void
language sql
set search_path = ''
as $$
  select case when is_on then hlf_sync.raise_alert(alert_kind, affected_count) else hlf_sync.close_alert(alert_kind) end
$$;
comment on function hlf_sync.set_alert(text, boolean, integer) is 'Opens or closes the alert of a kind; null closes it.';

-- The sweep and the night consist of steps, and no step takes another with it: each is tried in a block of its own, and
-- what came of it is noted, so that the watchdog can tell of the one that fails.

create table hlf_sync.steps (
  step text primary key,
  succeeded_at timestamptz,
  failed_at timestamptz,
  failed_code text
);
comment on table hlf_sync.steps is 'When each step of the sweep and of the night last succeeded, and last failed.';
comment on column hlf_sync.steps.failed_at is 'Null since it succeeded again.';
comment on column hlf_sync.steps.failed_code is 'SQLSTATE of the failure.';

create function hlf_sync.note_step(step_name text, problem text)
returns void
language sql
set search_path = ''
as $$
  insert into hlf_sync.steps as s (step, succeeded_at, failed_at, failed_code)
  values (
    step_name, case when problem is null then now() end, case when problem is not null then now() end, problem
  )
  on conflict (step) do update set
    succeeded_at = coalesce(excluded.succeeded_at, s.succeeded_at),
    failed_at = excluded.failed_at,
    failed_code = excluded.failed_code
$$;
comment on function hlf_sync.note_step(text, text) is 'Notes that a step succeeded (problem is null), or the SQLSTATE that ended it.';

create function hlf_sync.try_step(step_name text, statement text)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  result text;
begin
  begin
    execute statement into result;
    perform hlf_sync.note_step(step_name, null);
    return case when result ~ '^-?[0-9]+$' then result::bigint end;
  -- A step that runs into the time a statement may take has used up its own share, not that of the others.
  exception when others or query_canceled then
    raise warning 'hlf-sync: % failed (%)', step_name, sqlstate;
    perform hlf_sync.note_step(step_name, sqlstate);
    return null;
  end;
end
$$;
comment on function hlf_sync.try_step(text, text) is
  'Runs a statement in a block of its own and notes whether it succeeded; its number, or null.';

-- Coordinators are told without looking: what their organisation has to know goes to a webhook of its own or of all, as a
-- digest that counts and names nobody.

create function hlf_sync.tell_coordinators()
returns integer
language plpgsql
set search_path = ''
as $$
declare
  organisation record;
  told hlf_sync.messages;
  webhook text;
  news record;
  console constant text := regexp_replace(hlf_sync.callable_url('hlf_sync_console_url'), '#.*$', '');
  page text;
  written integer := 0;
begin
  for organisation in
    select
      o.organisation_id as id, o.name,
      (
        select count(*)::integer from public.hlf_sync_state as s
        where s.organisation_id = o.organisation_id and s.dead_lettered_at is not null
      ) as stuck
    from hlf_sync.organisations as o
    where exists (select from public.hlf_sync_switches as w where w.organisation_id = o.organisation_id and w.is_enabled)
  loop
    select m.* into told from hlf_sync.messages as m where m.subject = 'organisation ' || organisation.id;
    -- One digest after the other, and none within a quarter of an hour of the last.
    continue when told.subject is not null
      and (told.delivered_at is null or told.written_at > now() - interval '15 minutes');
    -- What was told is marked: a row may be older than the last digest, and its transaction have ended after it.
    select
      array_agg(n.id) as ids,
      count(*) filter (where n.kind = 'certification_reminder') as reminders,
      count(*) filter (where n.kind = 'certification_expired') as expiries
    into news
    from public.hlf_coordinator_notifications as n
    where n.organisation_id = organisation.id
      and n.told_at is null
      -- Before the first digest there may be years that nobody was told of.
      and (told.subject is not null or n.created_at > now() - interval '1 day');
    continue when organisation.stuck = coalesce(told.affected_count, 0) and news.ids is null;
    -- A webhook of its own, or that of all.
    webhook := 'hlf_sync_coordinator_webhook_url:' || organisation.id;
    if hlf_sync.callable_url(webhook) is null then
      webhook := 'hlf_sync_coordinator_webhook_url';
      continue when hlf_sync.callable_url(webhook) is null;
    end if;
    -- Who coordinates several organisations is to see the one that this is about.
    page := console || '#/?org=' || organisation.id;

    update public.hlf_coordinator_notifications as n set told_at = now() where n.id = any (news.ids);
    perform hlf_sync.write_message(
      'organisation ' || organisation.id, webhook, 'digest', organisation.stuck,
      concat_ws(' ',
        organisation.name || ':',
        case
          when organisation.stuck > 0 then
            format('%s må følges opp: endringen er ikke bekreftet hos HLF.', organisation.stuck)
          when coalesce(told.affected_count, 0) > 0 then 'Ingen må følges opp lenger.'
        end,
        case when news.expiries > 0 then format('Utløpte sertifiseringer: %s.', news.expiries) end,
        case when news.reminders > 0 then format('Sertifiseringer som går snart ut: %s.', news.reminders) end,
        '/',
        case
          when organisation.stuck > 0 then format('%s need attention: HLF has not confirmed the change.', organisation.stuck)
          when coalesce(told.affected_count, 0) > 0 then 'Nobody needs attention any longer.'
        end,
        case when news.expiries > 0 then format('Certifications expired: %s.', news.expiries) end,
        case when news.reminders > 0 then format('Certifications that expire soon: %s.', news.reminders) end,
        page
      ),
      jsonb_build_object(
        'project', hlf_sync.project_name(), 'organisation_id', organisation.id, 'stuck_count', organisation.stuck,
        'expired_count', news.expiries, 'reminder_count', news.reminders, 'page', page
      )
    );
    written := written + 1;
  end loop;
  return written;
end
$$;
comment on function hlf_sync.tell_coordinators() is
  'Writes a digest for each organisation where more or fewer are stuck than was told, or a certification expires.';
