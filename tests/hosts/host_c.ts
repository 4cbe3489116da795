import { type Host, hostPath } from "./host.ts";

const ID = "'00000000-0000-4000-8000-0000000000a1'";
const PERSON = "'00000000-0000-4000-8000-0000000001a1'";

const a1 = { mentor: "a1" };
const hides = (event: string) => ({ ...a1, isShown: false, event: `status_change:${event}` });
const SHOWS = { ...a1, isShown: true, event: "status_change:active" };

/** Norwegian names, roles in the token, and a mentor who is a view over several tables and looks at the date. */
export const HOST_C: Host = {
  adapter: "c",
  certifications: "with",
  decidingTables: ["likepersonroller", "personer", "permisjoner", "kursbevis"],
  app: {
    prepare: () => Promise.resolve(),
    seedPath: hostPath("c", "seed.sql"),
    admit: async (database, user, organisation) => {
      await database.query(
        `update auth.users set raw_app_meta_data = jsonb_build_object(
          'roller', jsonb_build_array(jsonb_build_object('org', $2::text, 'rolle', 'koordinator'))
        ) where id = $1::text::uuid`,
        [user, organisation],
      );
    },
  },
  happenings: [
    {
      title: "a leave that begins today",
      sql: `insert into public.permisjoner (rolle_id, fra) values (${ID}, current_date)`,
      ...hides("paused"),
    },
    {
      title: "which ended yesterday",
      sql:
        `update public.permisjoner set fra = current_date - 9, til = current_date - 1 where rolle_id = ${ID}`,
      ...SHOWS,
    },
    {
      title: "the role ended",
      sql: `update public.likepersonroller set til = current_date - 1 where id = ${ID}`,
      ...hides("resigned"),
    },
    {
      title: "or not",
      sql: `update public.likepersonroller set til = null where id = ${ID}`,
      ...SHOWS,
    },
    {
      title: "certificate revoked",
      sql: `delete from public.kursbevis where person_id = ${PERSON}`,
      ...hides("expired_cert"),
    },
    {
      title: "and renewed",
      sql:
        `insert into public.kursbevis (person_id, kurstype, gyldig_til) values (${PERSON}, 'likeperson', '2031-01-01')`,
      ...SHOWS,
    },
    {
      title: "person deleted softly",
      sql: `update public.personer set slettet_tid = now() where id = ${PERSON}`,
      ...hides("deleted"),
    },
    {
      title: "and brought back",
      sql: `update public.personer set slettet_tid = null where id = ${PERSON}`,
      ...a1,
      isShown: true,
      event: "initial_sync",
    },
    {
      title: "person deleted",
      sql: `delete from public.permisjoner where rolle_id = ${ID};
        delete from public.likepersonroller where id = ${ID};
        delete from public.kursbevis where person_id = ${PERSON};
        delete from public.personer where id = ${PERSON}`,
      ...hides("deleted"),
    },
  ],
  renewal: `update public.kursbevis set gyldig_til = '2031-01-01' where person_id = ${PERSON}`,
  dates: [
    {
      before:
        `insert into public.permisjoner (rolle_id, fra, til) values (${ID}, current_date + 1, current_date + 9)`,
      after:
        `update public.permisjoner set fra = fra - 1 where rolle_id = ${ID} and fra > current_date`,
      event: "status_change:paused",
    },
    {
      before: `update public.likepersonroller set til = current_date where id = ${ID};
        delete from public.permisjoner where rolle_id = ${ID}`,
      after: `update public.likepersonroller set til = til - 1 where id = ${ID}`,
      event: "status_change:resigned",
    },
    {
      before: `update public.kursbevis set gyldig_til = current_date where person_id = ${PERSON};
        update public.likepersonroller set til = null where id = ${ID}`,
      after: `update public.kursbevis set gyldig_til = gyldig_til - 1 where person_id = ${PERSON}`,
      event: "status_change:expired_cert",
    },
  ],
};
