import type { Outage } from "./outage.ts";

export const FUNCTION_OUTAGES: readonly Outage[] = [
  {
    name: "The function is not deployed",
    async begin(stage) {
      const end = await stage.secret(
        "hlf_sync_function_url",
        stage.stack.functionUrl.replace("hlf-sync", "hlf-sync-of-before"),
      );
      await stage.pause("a1");
      return end;
    },
  },
  {
    name: "The function fails at start",
    async begin(stage) {
      stage.stack.killFunction("SIGKILL");
      await stage.pause("a1");
      return () => stage.stack.restartFunction();
    },
  },
  {
    name: "The secret key was revoked",
    async begin(stage) {
      const end = await stage.secret("hlf_sync_secret_key", "sb_secret_of_before");
      await stage.pause("a1");
      return end;
    },
  },
  {
    name: "The function's URL in Vault has no scheme",
    async begin(stage) {
      const end = await stage.secret(
        "hlf_sync_function_url",
        "project.example/functions/v1/hlf-sync",
      );
      await stage.pause("a1");
      return end;
    },
  },
  {
    name: "A secret is missing in Vault",
    begin: (stage) => stage.secret("hlf_sync_secret_key", null),
  },
  {
    name: "The function cannot reach the database",
    async begin(stage) {
      stage.stack.setRestFault({
        match: {},
        answer: { status: 503, code: "PGRST002", message: "no schema cache" },
      });
      await stage.pause("a1");
      return () => Promise.resolve(stage.stack.setRestFault(null));
    },
  },
];
