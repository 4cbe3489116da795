import { assertEquals } from "@std/assert";
import { mentorId, withSimulator } from "./testing.ts";

const TABLE = "hlf_mentorlistings";

async function told(response: Response): Promise<[number, string | null]> {
  const text = await response.text();
  return [response.status, text === "" ? null : JSON.parse(text).error?.code ?? null];
}

const TROUBLES = [
  ["a disabled user", { credentials: { userDisabled: true } }, [403, "0x80040225"], [
    403,
    "0x80040225",
  ]],
  ["a disabled organisation", { environment: { disabled: true } }, [503, "0x8004a112"], [
    503,
    "0x8004a112",
  ]],
  ["admin mode", { environment: { adminMode: true } }, [403, ""], [403, ""]],
  ["a key whose index is pending", { environment: { keyStatus: "Pending" } }, [400, "0x8006088a"], [
    200,
    null,
  ]],
  ["a choice column", { environment: { publishedType: "Picklist" } }, [400, "0x80048d19"], [
    200,
    null,
  ]],
] as const;

for (const [what, { ...trouble }, update, whoAmI] of TROUBLES) {
  Deno.test(`${what}: an update answers ${update.join(" ")}, WhoAmI ${whoAmI[0]}`, async () => {
    await withSimulator(async ({ client, token, call, patch }) => {
      await client.seed([{ mentorId: mentorId(1), published: true }]);
      const bearer = await token();
      if ("credentials" in trouble) await client.setCredentials(trouble.credentials);
      if ("environment" in trouble) await client.setEnvironment(trouble.environment);
      assertEquals(await told(await patch(bearer, mentorId(1), false)), [...update]);
      assertEquals(await told(await call(bearer, "WhoAmI")), [...whoAmI]);
      await client.reset();
      await client.seed([{ mentorId: mentorId(1), published: true }]);
      assertEquals(await told(await patch(bearer, mentorId(1), false)), [204, null]);
    });
  });
}

Deno.test("rows may hold null or a choice, no key, one in braces, or be out of reach", async () => {
  await withSimulator(async ({ client, token, call, patch }) => {
    await client.seed([
      { mentorId: mentorId(1), published: null },
      { mentorId: mentorId(2), published: 100000001 },
      { mentorId: null, published: true },
      { mentorId: null, published: true },
      { mentorId: `{${mentorId(5)}}`, published: true },
      { mentorId: mentorId(6), published: true, access: "none" },
      { mentorId: mentorId(7), published: true, access: "read" },
    ]);
    const bearer = await token();
    const page = await (await call(bearer, `${TABLE}?$select=hlf_mentorid,hlf_published`)).json();
    assertEquals(
      page.value.map((row: Record<string, unknown>) => [row.hlf_mentorid, row.hlf_published]),
      [
        [mentorId(1), null],
        [mentorId(2), 100000001],
        [null, true],
        [null, true],
        [`{${mentorId(5)}}`, true],
        [mentorId(7), true],
      ],
    );
    assertEquals(await told(await patch(bearer, mentorId(5), false)), [404, "0x80060891"]);
    assertEquals(await told(await patch(bearer, mentorId(6), false)), [403, "0x80048306"]);
    assertEquals(await told(await patch(bearer, mentorId(7), false)), [403, "0x80048306"]);
    assertEquals((await client.listings()).length, 3);
    // What nobody can read by the API, the public page shows all the same.
    assertEquals((await client.website()).includes(mentorId(6)), true);
  });
});

Deno.test("two rows may have one key while it is not active", async () => {
  await withSimulator(async ({ client, token, call }) => {
    await client.setEnvironment({ keyStatus: "Failed" });
    await client.addListing({ mentorId: mentorId(1), published: false });
    await client.addListing({ mentorId: mentorId(1), published: true });
    const filter = `$filter=hlf_mentorid eq '${mentorId(1)}'`;
    const page = await (await call(await token(), `${TABLE}?${encodeURI(filter)}`)).json();
    assertEquals(page.value.map((row: Record<string, unknown>) => row.hlf_published), [
      false,
      true,
    ]);
  });
});

Deno.test("EntityDefinitions tells the column's type and the key's status", async () => {
  await withSimulator(async ({ client, token, call }) => {
    await client.setEnvironment({ keyStatus: "Failed", publishedType: "Picklist" });
    const bearer = await token();
    const filter = (set: string) =>
      `EntityDefinitions?$filter=EntitySetName%20eq%20'${set}'&$expand=Attributes,Keys`;
    const { value } = await (await call(bearer, filter(TABLE))).json();
    const column = value[0].Attributes.find((one: { LogicalName: string }) =>
      one.LogicalName === "hlf_published"
    );
    assertEquals([column.AttributeType, value[0].Keys[0].EntityKeyIndexStatus], [
      "Picklist",
      "Failed",
    ]);
    assertEquals((await (await call(bearer, filter("accounts"))).json()).value, []);
    const one = await call(bearer, "EntityDefinitions(LogicalName='hlf_mentorlisting')");
    assertEquals((await one.json()).EntitySetName, TABLE);
  });
});

Deno.test("another environment has another OrganizationId", async () => {
  await withSimulator(async ({ client, token, call }) => {
    await client.setEnvironment({ organisationId: mentorId(9) });
    const identity = await (await call(await token(), "WhoAmI")).json();
    assertEquals(identity.OrganizationId, mentorId(9));
  });
});

Deno.test("a fault answers with any headers, one of them several times", async () => {
  await withSimulator(async ({ client, token, patch }) => {
    await client.addFault({
      match: { target: "patch" },
      answer: { status: 429, headers: { "retry-after": ["5", "00:02:00"], "x-any": "thing" } },
    });
    const response = await patch(await token(), mentorId(1), false);
    await response.body?.cancel();
    assertEquals([response.headers.get("retry-after"), response.headers.get("x-any")], [
      "5, 00:02:00",
      "thing",
    ]);
  });
});

Deno.test("unknown query options are refused, not left aside", async () => {
  await withSimulator(async ({ token, call }) => {
    const bearer = await token();
    for (const option of ["fetchXml=%3Cfetch/%3E", "$orderby=hlf_name"]) {
      const response = await call(bearer, `${TABLE}?${option}`);
      await response.body?.cancel();
      assertEquals(response.status, 501);
    }
  });
});
