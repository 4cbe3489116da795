-- Runs last and is not rolled back: takes away what the first files have made.
begin;
set local search_path = public, extensions;
select plan(1);
set local client_min_messages = warning;
drop schema hlf_tests cascade;
-- Of the table of its mentors.
drop function hlf_sync."track_hlf_tests.mentors"();
select hasnt_schema('hlf_tests', 'Nothing of the tests is left');
select * from finish();
commit;
