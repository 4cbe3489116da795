-- What each command of each persona comes to on each table and view of hlf-sync, partitions included. A cell says what the persona
-- sees, and may do: `denied` (no privilege), or how many rows there are for them; ` all` of whom everything goes, ` append` of whom
-- rows can be added, and after a comma a command, merged or not, that comes to something else. Through a port its owner may do what the
-- app's tables let the owner do.
--   anonymous: whoever has nothing but the publishable key, as every browser has it.
--   outsider: signed in, and coordinates nothing: may ask, and sees no row. So does who was a coordinator, with the same token.
--   c, d: a coordinator sees what is of the own organisation, and what is of none; writing is for functions alone.
--   admin: an HLF administrator breaks the glass through functions; tables show the seals of the whole log.
--   service: the secret key. It writes audit rows, without created_at (which COPY would name), and policies; whatever else changes, a
--     function changes. It may not truncate what a policy hangs on.
--   owner: is refused no privilege; what is append-only, triggers keep so, each partition for itself. (23503: a night whose drifts are
--     kept cannot go alone.)
begin;
set local search_path = public, extensions;
select hlf_tests.create_world();
insert into hlf_tests.organisation_members (organisation_id, user_id, role)
values (hlf_tests.organisation('d'), hlf_tests.persona('administrator'), 'administrator');
-- Silence the warning that Vault is empty.
set local client_min_messages = error;
select hlf_tests.fill_every_table();
select hlf_tests.lend_files();

create temporary table matrix (
  relation text primary key, anonymous text not null, outsider text not null, c text not null, d text not null, admin text not null,
  service text not null, owner text not null
) on commit drop;
insert into matrix values
  ('public.hlf_certification_policies',    'denied', '0',      '1',      '1',      '0',      '2 all, truncate denied', '2 all'),
  ('public.cert_expiry_reminders',         'denied', '0',      '1',      '1',      '0',      '2',                      '2 all'),
  ('public.hlf_mentor_status_transitions', 'denied', '0',      '1',      '1',      '0',      '2',                      '2 all'),
  ('public.hlf_coordinator_notifications', 'denied', '0',      '1',      '1',      '0',      '2',                      '2 all'),
  ('public.hlf_sync_state',                'denied', '0',      '2',      '1',      '0',      '3',                      '3 all'),
  ('public.hlf_sync_switches',             'denied', '0',      '1',      '1',      '0',      '2',                      '2 all'),
  ('public.hlf_sync_mentor_status',        'denied', '0',      '2',      '1',      '0',      '3',                      '3 all'),
  ('public.hlf_sync_audit_log',            'denied', '0',      '6',      '6',      '0',      '12, insert 0',           '12 append'),
  ('public.hlf_sync_audit_seals',          'denied', '0',      '0',      '0',      '1',      '1',                      '1 append'),
  ('public.hlf_sync_detached_partitions',  'denied', '0',      '0',      '0',      '1',      '1',                      '1 append'),
  ('public.hlf_sync_manual_actions',       'denied', '0',      '1',      '1',      '0',      '2',                      '2 append'),
  ('public.hlf_sync_drifts',               'denied', '0',      '1',      '1',      '0',      '2',                      '2 all'),
  ('public.hlf_nightly_runs',              'denied', 'denied', 'denied', 'denied', 'denied', '1',                      '1 all, delete 23503'),
  ('public.hlf_sync_alerts',               'denied', 'denied', 'denied', 'denied', 'denied', '1',                      '1 all'),
  ('public.hlf_sync_gate',                 'denied', 'denied', 'denied', 'denied', 'denied', '1',                      '1 all'),
  ('hlf_sync.alert_kinds',                 'denied', 'denied', 'denied', 'denied', 'denied', 'denied',                 '22 all, delete 23503'),
  ('hlf_sync.mentors',                     'denied', 'denied', 'denied', 'denied', 'denied', 'denied',                 'port'),
  ('hlf_sync.messages',                    'denied', 'denied', 'denied', 'denied', 'denied', 'denied',                 '1 all'),
  ('hlf_sync.organisations',               'denied', 'denied', 'denied', 'denied', 'denied', 'denied',                 'port'),
  ('hlf_sync.project',                     'denied', 'denied', 'denied', 'denied', 'denied', 'denied',                 '1 all'),
  ('hlf_sync.pulse',                       'denied', 'denied', 'denied', 'denied', 'denied', 'denied',                 '1 all'),
  ('hlf_sync.steps',                       'denied', 'denied', 'denied', 'denied', 'denied', 'denied',                 '1 all'),
  ('hlf_sync.attempts',                    'denied', 'denied', 'denied', 'denied', 'denied', 'denied',                 '2 all'),
  ('hlf_sync.certificates',                'denied', 'denied', 'denied', 'denied', 'denied', 'denied',                 'port'),
  ('hlf_sync.days',                        'denied', 'denied', 'denied', 'denied', 'denied', 'denied',                 '1 all'),
  ('hlf_sync.held_changes',                'denied', 'denied', 'denied', 'denied', 'denied', 'denied',                 '0 all'),
  ('hlf_sync.silent_sources',              'denied', 'denied', 'denied', 'denied', 'denied', 'denied',                 '0 all'),
  ('hlf_sync.listings',                    'denied', 'denied', 'denied', 'denied', 'denied', 'denied',                 '2 all'),
  ('hlf_sync.audit_log_<year>',            'denied', 'denied', 'denied', 'denied', 'denied', 'denied',                 '2 append');
create temporary table personas (persona text, role_name text, user_id uuid, sees text) on commit drop;
insert into personas values
  ('anonymous caller', 'anon', null, 'anonymous'),
  ('stranger', 'authenticated', hlf_tests.persona('stranger'), 'outsider'),
  ('former coordinator', 'authenticated', hlf_tests.persona('former coordinator of c'), 'outsider'),
  ('member', 'authenticated', hlf_tests.persona('member of c'), 'outsider'),
  ('coordinator of c', 'authenticated', hlf_tests.persona('coordinator of c'), 'c'),
  ('coordinator of d', 'authenticated', hlf_tests.persona('coordinator of d'), 'd'),
  ('administrator', 'authenticated', hlf_tests.persona('administrator'), 'admin'),
  ('service role', 'service_role', null, 'service'),
  ('owner', null, null, 'owner');

select plan(
  1 + (select count(*) from personas)::integer * (select count(*) from hlf_tests.relations())::integer
  + 2 * (select count(*) from hlf_tests.organisation_relations())::integer
);
select is(
  array(
    select m.relation from matrix as m
    where hlf_tests.has_certifications() or m.relation not in (
      'public.cert_expiry_reminders', 'public.hlf_certification_policies', 'public.hlf_mentor_status_transitions'
    )
    order by m.relation collate "C"
  ),
  array(select distinct r.in_matrix collate "C" from hlf_tests.relations() as r order by 1),
  'Every table and view has its expectations'
);
select hlf_tests.try_commands(p.persona, p.role_name, p.user_id, r.relation, r.is_view, to_jsonb(m) ->> p.sees)
from personas as p
cross join hlf_tests.relations() as r
left join matrix as m on m.relation = r.in_matrix
order by p.persona, r.relation;

-- Counting is not enough: what is seen has to be their own.
select is(
  hlf_tests.outcome_of(
    'authenticated', hlf_tests.persona('coordinator of ' || code),
    format('select from %s where organisation_id <> %L', relation, hlf_tests.organisation(code))
  ),
  '0', format('coordinator of %s: no row of another organisation in %s', code, relation)
)
from (values ('c'), ('d')) as v (code), hlf_tests.organisation_relations() as relation;
select * from finish();
rollback;
