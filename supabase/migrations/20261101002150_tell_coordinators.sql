-- Coordinators are told without looking: what their organisation has to know goes to a webhook of its own or of all, as a
-- digest that counts and names nobody.

create function hlf_sync.coordinator_webhook(organisation_id uuid)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select w.secret_name
  from unnest(array[
    'hlf_sync_coordinator_webhook_url:' || coordinator_webhook.organisation_id, 'hlf_sync_coordinator_webhook_url'
  ]) with ordinality as w (secret_name, place)
  where hlf_sync.callable_url(w.secret_name) is not null
  order by w.place
  limit 1
$$;
comment on function hlf_sync.coordinator_webhook(uuid) is
  'The name in Vault of the webhook that an organisation''s coordinators read: its own, else that of all, else null.';

create function hlf_sync.tell_coordinators()
returns integer
language plpgsql
security definer
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
      count(*) filter (where n.kind = 'certification_expired') as expiries,
      count(*) filter (where n.kind = 'dead_lettered') as dead_letters
    into news
    from public.hlf_coordinator_notifications as n
    where n.organisation_id = organisation.id
      and n.told_at is null
      -- Before the first digest there may be years that nobody was told of.
      and (told.subject is not null or n.created_at > now() - interval '1 day');
    continue when organisation.stuck = coalesce(told.affected_count, 0)
      and news.reminders = 0 and news.expiries = 0 and news.dead_letters = 0;
    webhook := hlf_sync.coordinator_webhook(organisation.id);
    continue when webhook is null;
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
