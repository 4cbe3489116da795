export const alerts: Record<string, string> = {
  dynamics_unreachable:
    "HLF’s register does not answer. What waits is sent once the register answers again.",
  gate_stuck: "Sending to HLF has stopped. Nothing is lost.",
  nights_stopped:
    "The nightly check has not run. Expired certifications may not have been acted on.",
};

export const notifications: Record<string, (name: string) => string> = {
  dead_lettered: (name) => `Sending ${name} stopped`,
  certification_reminder: (name) => `The certification of ${name} expires soon`,
  certification_expired: (name) => `The certification of ${name} has expired`,
};
