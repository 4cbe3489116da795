/** What an open alert means, and what to do. */
export interface AlertWords {
  readonly title: string;
  readonly todo: string;
}

const TELL = "Gi beskjed til den som drifter løsningen.";

export const alerts: Record<string, AlertWords> = {
  credentials_rejected: {
    title: "Dynamics godtar ikke innloggingen vår",
    todo: `Ingenting kan sendes før nøkkelen er fornyet. ${TELL}`,
  },
  dead_letters: {
    title: "Noen likepersoner står fast",
    todo:
      "Kan gjelde en annen organisasjon. Står noen av dine fast, ser du dem under «Trenger deg».",
  },
  settings_rejected: { title: "Dynamics avviser alt vi sender", todo: TELL },
  dynamics_unreachable: { title: "Får ikke kontakt med Dynamics", todo: TELL },
  cannot_call: { title: "Databasen får ikke sagt fra", todo: TELL },
  step_failed: { title: "En del av det faste arbeidet feiler", todo: TELL },
  reading_implausible: { title: "Nattens lesing av nettsiden er ikke til å stole på", todo: TELL },
  listings_unaddressable: { title: "Noen oppføringer kan ikke adresseres", todo: TELL },
  drift_returns: { title: "En oppføring endres tilbake igjen og igjen", todo: TELL },
  sealing_stopped: { title: "Loggen er ikke forseglet", todo: TELL },
  verification_stopped: { title: "Loggen er ikke kontrollert", todo: TELL },
  jobs_stopped: { title: "En fast jobb har stoppet", todo: TELL },
  foreign_project: { title: "Dette er en kopi av et annet prosjekt", todo: TELL },
  tracking_failed: {
    title: "En endring ble ikke fanget opp med en gang",
    todo:
      "Den tas igjen av seg selv innen et minutt. Står varselet lenge, gi beskjed til den som drifter løsningen.",
  },
  audit_gap: {
    title: "Loggen venter på rader",
    todo:
      "De fylles inn av seg selv. Står varselet lenge, gi beskjed til den som drifter løsningen.",
  },
  nights_stopped: { title: "Nattkontrollen har ikke gått", todo: TELL },
  rows_overdue: { title: "Endringer har ventet i over 15 minutter", todo: TELL },
  gate_stuck: { title: "Sendingen har vært stengt i over 15 minutter", todo: TELL },
  duplicates: { title: "En sertifisering er behandlet to ganger", todo: TELL },
  partition_missing: { title: "Loggen mangler plass for neste år", todo: TELL },
  seal_broken: {
    title: "Et segl på loggen stemmer ikke",
    todo:
      "Noe kan være endret i loggen. Gi beskjed til den som drifter løsningen, og ikke rydd opp selv.",
  },
};

export const notifications: Record<string, (name: string) => string> = {
  dead_lettered: (name) => `${name} sto fast`,
  certification_reminder: (name) => `Sertifiseringen til ${name} går snart ut`,
  certification_expired: (name) => `Sertifiseringen til ${name} er utløpt`,
};
