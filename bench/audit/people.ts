/** As large as it may become: some hundred organisations, some thousand mentors. */
export const ORGANISATIONS = 200;
export const MENTORS = 5000;

/** The organisation of that number, from 0 on. */
export function organisation(number: number): string {
  return `10000000-0000-4000-8000-${hex(number)}`;
}

/** The mentor of that number, from 0 on; of the organisation of the same number, modulo. */
export function mentor(number: number): string {
  return `20000000-0000-4000-8000-${hex(number)}`;
}

/** The one coordinator of an organisation. */
export function coordinator(organisationNumber: number): string {
  return `30000000-0000-4000-8000-${hex(organisationNumber)}`;
}

function hex(number: number): string {
  return number.toString(16).padStart(12, "0");
}

/**
 * Makes the organisations, a coordinator for each, and twenty members who are none; the log refers to no table, so
 * mentors need not exist.
 */
export const CREATE_PEOPLE = `
insert into public.organisations (id, name)
select ('10000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'Invented ' || n
from generate_series(0, ${ORGANISATIONS - 1}) as n;
insert into auth.users (id, email)
select ('30000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'coordinator' || n || '@example.org'
from generate_series(0, ${ORGANISATIONS - 1}) as n;
insert into public.organisation_members (organisation_id, user_id, role)
select
  ('10000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
  ('30000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
  'coordinator'
from generate_series(0, ${ORGANISATIONS - 1}) as n;
with member as (
  insert into auth.users (id, email)
  select gen_random_uuid(), 'member' || n || '@example.org'
  from generate_series(0, ${ORGANISATIONS * 20 - 1}) as n
  returning id, substr(email, 7, position('@' in email) - 7)::integer as n
)
insert into public.organisation_members (organisation_id, user_id, role)
select
  ('10000000-0000-4000-8000-' || lpad(to_hex(n % ${ORGANISATIONS}), 12, '0'))::uuid, id, 'member'
from member;
`;
