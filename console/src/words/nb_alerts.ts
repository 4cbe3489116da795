/**
 * What the coordinators are told of what goes on behind the page. Other kinds of alerts are for those who
 * run it, who are told on their own; nothing here can be of another organisation.
 */
export const alerts: Record<string, string> = {
  dynamics_unreachable:
    "HLFs register svarer ikke. Det som venter, sendes når registeret svarer igjen.",
  gate_stuck: "Sendingen til HLF er stoppet. Ingenting går tapt.",
  nights_stopped: "Nattkontrollen har ikke gått. Utløpte sertifiseringer kan bli liggende.",
};

export const notifications: Record<string, (name: string) => string> = {
  dead_lettered: (name) => `Sendingen av ${name} stoppet`,
  certification_reminder: (name) => `Sertifiseringen til ${name} går snart ut`,
  certification_expired: (name) => `Sertifiseringen til ${name} er utløpt`,
};
