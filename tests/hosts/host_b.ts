import { type Host, hostPath } from "./host.ts";

const ID = "'00000000-0000-4000-8000-0000000000a1'";
const PERSON = "'00000000-0000-4000-8000-0000000001a1'";
const ORGANISATION = "'00000000-0000-4000-8000-00000000000a'";

const status = (to: string) =>
  `update public.mentor_profiles set status = '${to}' where id = ${ID}`;
const a1 = { mentor: "a1" };
const hides = (event: string) => ({ ...a1, isShown: false, event: `status_change:${event}` });
const SHOWS = { ...a1, isShown: true, event: "status_change:active" };
/** Whoever was gone begins anew. */
const RETURNS = { ...a1, isShown: true, event: "initial_sync" };

/** Profiles, roles with a null organisation for everywhere, a certificate of each kind, status as text, soft delete. */
export const HOST_B: Host = {
  adapter: "b",
  certifications: "without",
  decidingTables: [
    "mentor_profiles",
    "profiles",
    "organizations",
    "certifications",
    "certification_types",
  ],
  app: {
    prepare: () => Promise.resolve(),
    seedPath: hostPath("b", "seed.sql"),
    admit: async (database, user, organisation) => {
      await database.query(
        "insert into public.profiles (id, first_name) values ($1::text::uuid, 'Kari')",
        [user],
      );
      await database.query(
        `insert into public.user_roles (user_id, role, organization_id)
        values ($1::text::uuid, 'org_admin', $2::text::uuid)`,
        [user, organisation],
      );
    },
  },
  happenings: [
    { title: "pause", sql: status("on_leave"), ...hides("paused") },
    { title: "back", sql: status("active"), ...SHOWS },
    { title: "withdrawn", sql: status("withdrawn"), ...hides("resigned") },
    { title: "back again", sql: status("active"), ...SHOWS },
    { title: "a word of their own", sql: status("pending"), ...hides("hidden") },
    { title: "accepted", sql: status("active"), ...SHOWS },
    {
      title: "one of two certificates revoked",
      sql:
        `update public.certifications set revoked_at = now() where mentor_profile_id = ${ID} and type_id = 2`,
      ...hides("expired_cert"),
    },
    {
      title: "renewed",
      sql:
        `insert into public.certifications (mentor_profile_id, type_id, issued_on) values (${ID}, 2, current_date)`,
      ...SHOWS,
    },
    {
      title: "another kind of certificate required",
      sql: "update public.certification_types set is_required = true where id = 3",
      ...hides("expired_cert"),
    },
    {
      title: "required no more",
      sql: "update public.certification_types set is_required = false where id = 3",
      ...SHOWS,
    },
    {
      title: "mentor deleted softly",
      sql: `update public.mentor_profiles set deleted_at = now() where id = ${ID}`,
      ...hides("deleted"),
    },
    {
      title: "and brought back",
      sql: `update public.mentor_profiles set deleted_at = null where id = ${ID}`,
      ...RETURNS,
    },
    {
      title: "person deleted softly",
      sql: `update public.profiles set deleted_at = now() where id = ${PERSON}`,
      ...hides("deleted"),
    },
    {
      title: "person brought back",
      sql: `update public.profiles set deleted_at = null where id = ${PERSON}`,
      ...RETURNS,
    },
    {
      title: "organisation deleted softly",
      sql: `update public.organizations set deleted_at = now() where id = ${ORGANISATION}`,
      ...hides("deleted"),
    },
    {
      title: "organisation brought back",
      sql: `update public.organizations set deleted_at = null where id = ${ORGANISATION}`,
      ...RETURNS,
    },
    {
      title: "person deleted",
      sql:
        `delete from public.mentor_profiles where id = ${ID}; delete from public.profiles where id = ${PERSON}`,
      ...hides("deleted"),
    },
  ],
  renewal:
    `update public.certifications set expires_on = '2031-01-01' where mentor_profile_id = ${ID} and type_id = 1`,
  everywhere: `insert into public.user_roles (user_id, role) select r.user_id, 'org_admin'
    from public.user_roles as r where r.organization_id = '00000000-0000-4000-8000-00000000000b'`,
  dates: [{
    before:
      `update public.certifications set expires_on = (now() at time zone 'Europe/Oslo')::date where mentor_profile_id = ${ID} and type_id = 1`,
    after:
      `update public.certifications set expires_on = expires_on - 1 where mentor_profile_id = ${ID} and type_id = 1`,
    event: "status_change:expired_cert",
  }],
};
