import { mentor, ORGANISATION_A, ORGANISATION_B, signIn } from "../../stack/observe.ts";
import { signToken } from "../../stack/rest/sign_token.ts";
import type { Stack } from "../../stack/stack_types.ts";

/** Headers of everyone who may ask over REST. */
interface Callers {
  readonly secretKey: Record<string, string>;
  readonly publishableKey: Record<string, string>;
  readonly coordinatorOfA: Record<string, string>;
  readonly coordinatorOfB: Record<string, string>;
  /** Coordinated organisation A until a moment ago, with the token of that time. */
  readonly formerCoordinator: Record<string, string>;
  /** Of organisation A, and no coordinator. */
  readonly member: Record<string, string>;
  /** Of HLF, who coordinates nothing. */
  readonly administrator: Record<string, string>;
  readonly stranger: Record<string, string>;
}

/** Makes invented users, once a stack, and signs them in. */
export async function createCallers(stack: Stack): Promise<Callers> {
  const user = async (number: number, role?: string): Promise<Record<string, string>> => {
    const id = mentor(`e${number}`);
    await stack.sql(
      "insert into auth.users (id, email) values ($1::text::uuid, $2) on conflict (id) do nothing",
      [id, `user${number}@example.org`],
    );
    if (role !== undefined) {
      await stack.sql(
        `insert into public.organisation_members (organisation_id, user_id, role)
         values ($1, $2, $3) on conflict do nothing`,
        [ORGANISATION_A, id, role],
      );
    }
    const claims = { sub: id, role: "authenticated", aud: "authenticated", exp: 4102444800 };
    const token = await signToken(claims, stack.jwtSecret);
    return { apikey: stack.publishableKey, authorization: `Bearer ${token}` };
  };
  const formerCoordinator = await user(1, "coordinator");
  await stack.sql("delete from public.organisation_members where user_id = $1", [mentor("e1")]);
  return {
    secretKey: { apikey: stack.secretKey },
    publishableKey: { apikey: stack.publishableKey },
    coordinatorOfA: await signIn(stack, ORGANISATION_A),
    coordinatorOfB: await signIn(stack, ORGANISATION_B),
    formerCoordinator,
    member: await user(2, "member"),
    administrator: await user(3, "administrator"),
    stranger: await user(4),
  };
}
