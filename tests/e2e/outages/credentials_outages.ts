import { DEFAULT_CLIENT_SECRET } from "../../../simulator/defaults.ts";
import type { CredentialsChange } from "../../../simulator/simulator_client.ts";
import type { Outage } from "./outage.ts";

/** Entra or Dynamics no longer accepts the application, with two mentors waiting. */
function rejecting(name: string, change: CredentialsChange, back: CredentialsChange): Outage {
  return {
    name,
    async begin(stage) {
      await stage.stack.simulator.setCredentials({ ...change, revokeTokens: true });
      await stage.pause("a1", "b1");
      return () => stage.stack.simulator.setCredentials(back);
    },
  };
}

/** The same told by a status and a code. */
function refusing(name: string, status: number, code: string): Outage {
  return {
    name,
    async begin(stage) {
      const end = await stage.fault(
        ...(["patch", "query", "whoami"] as const).map((target) => ({
          match: { target },
          answer: { status, code },
        })),
      );
      await stage.pause("a1", "b1");
      return end;
    },
  };
}

export const CREDENTIALS_OUTAGES: readonly Outage[] = [
  rejecting("The client secret has expired", { secretExpired: true }, { secretExpired: false }),
  rejecting("The client secret was deleted", { clientSecret: "another" }, {
    clientSecret: DEFAULT_CLIENT_SECRET,
  }),
  rejecting("The app registration is disabled", { appDisabled: true }, { appDisabled: false }),
  rejecting("The application user was removed", { applicationUser: false }, {
    applicationUser: true,
  }),
  rejecting("The security role was taken away", { privileged: false }, { privileged: true }),
  refusing("The environment is in administration mode", 403, "0x80040225"),
];
