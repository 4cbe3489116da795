import { assertEquals } from "@std/assert";
import { chooseServerUser } from "./server_user.ts";

const PASSWD = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65533:nobody:/:/bin/false\n";

Deno.test("chooseServerUser() steps down from root to postgres, else nobody", () => {
  assertEquals(chooseServerUser(0, PASSWD), { uid: 65534, gid: 65533 });
  assertEquals(chooseServerUser(0, `${PASSWD}postgres:x:101:102::/:/bin/sh\n`), {
    uid: 101,
    gid: 102,
  });
});

Deno.test("chooseServerUser() stays who we are when we are not root", () => {
  assertEquals(chooseServerUser(1000, PASSWD), null);
});
