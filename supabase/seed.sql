-- Invented people of two invented organisations, for local use.

insert into public.organisations (id, name) values
('00000000-0000-4000-8000-00000000000a', 'Likeperson Nordfjell'),
('00000000-0000-4000-8000-00000000000b', 'Likeperson Sørvik');

select hlf_sync.switch_on(organisation_id) from hlf_sync.organisations;

insert into public.mentors (id, organisation_id, full_name, email, status, certification_expiry_date) values
('00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-00000000000a', 'Åse Eksempel', 'aase@example.org', 'active', '2030-06-30'),
('00000000-0000-4000-8000-0000000000a2', '00000000-0000-4000-8000-00000000000a', 'Bjørn Prøvesen', 'bjorn@example.org', 'active', '2030-06-30'),
('00000000-0000-4000-8000-0000000000a3', '00000000-0000-4000-8000-00000000000a', 'Cecilie Oppdiktet', 'cecilie@example.org', 'active', '2030-06-30'),
('00000000-0000-4000-8000-0000000000a4', '00000000-0000-4000-8000-00000000000a', 'Dag Tenkt', 'dag@example.org', 'active', '2030-06-30'),
('00000000-0000-4000-8000-0000000000a5', '00000000-0000-4000-8000-00000000000a', 'Eli Fiktiv', 'eli@example.org', 'paused', '2030-06-30'),
('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-00000000000b', 'Finn Påfunn', 'finn@example.org', 'active', '2030-06-30'),
('00000000-0000-4000-8000-0000000000b2', '00000000-0000-4000-8000-00000000000b', 'Gro Innbilt', 'gro@example.org', 'active', '2030-06-30'),
('00000000-0000-4000-8000-0000000000b3', '00000000-0000-4000-8000-00000000000b', 'Håkon Liksom', 'haakon@example.org', 'resigned', '2030-06-30');
