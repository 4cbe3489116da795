import type postgres from "postgres";
import { z } from "zod";
import { type Check, check } from "./finding.ts";
import { rows } from "./rows.ts";

const privilege = z.object({ line: z.string() });
const RESTORE = "select hlf_sync.restore_privileges()";

/** Ends the transaction in which privileges were restored only to see what that changes. */
class Undo extends Error {
  override readonly name = "Undo";
}

/**
 * Compares everything that is granted with what one function of the database gives: it is called in a transaction that is
 * rolled back, so there is no second list, and what it would change is what is wrong.
 */
export function privilegesCheck(sql: postgres.Sql): Check {
  return check("Everybody has the privileges that they are to have, and no others", async () => {
    let before = new Set<string>();
    let after = new Set<string>();
    await sql.begin(async (transaction) => {
      await transaction`set local lock_timeout = '5s'`;
      before = await readPrivileges(transaction);
      await transaction.unsafe(RESTORE);
      after = await readPrivileges(transaction);
      throw new Undo();
    }).catch((error) => {
      if (!(error instanceof Undo)) throw error;
    });
    const problems = [
      ...[...before.difference(after)].map((line) => `${line}, and must not.`),
      ...[...after.difference(before)].map((line) =>
        `${line.replace(" may ", " may no longer ")}.`
      ),
    ];
    return { findings: problems.map((problem) => ({ problem, remedy: { sql: RESTORE } })) };
  });
}

/** A line for each privilege on a schema, table, column or function, such as `service_role may delete public.mentors`. */
async function readPrivileges(sql: postgres.TransactionSql): Promise<Set<string>> {
  const lines = await rows(
    privilege,
    sql`
      with granted (object, acl) as (
        select format('%I', n.nspname), coalesce(n.nspacl, acldefault('n', n.nspowner))
        from pg_namespace as n
        where n.nspname in ('hlf_sync', 'public')
        union all
        select format('%I.%I', n.nspname, c.relname),
          coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's'::"char" else 'r' end, c.relowner))
        from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname in ('hlf_sync', 'public') and c.relkind in ('r', 'p', 'v', 'm', 'S')
        union all
        select format('%I.%I(%I)', n.nspname, c.relname, a.attname), a.attacl
        from pg_attribute as a
        join pg_class as c on c.oid = a.attrelid
        join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname in ('hlf_sync', 'public') and a.attacl is not null
        union all
        select format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
          coalesce(p.proacl, acldefault('f', p.proowner))
        from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
        where n.nspname in ('hlf_sync', 'public')
      )
      select format(
        '%s may %s %s',
        case a.grantee when 0 then 'everybody' else pg_get_userbyid(a.grantee) end, lower(a.privilege_type), g.object
      ) as line
      from granted as g
      cross join lateral aclexplode(g.acl) as a
      order by 1`,
  );
  return new Set(lines.map(({ line }) => line));
}
