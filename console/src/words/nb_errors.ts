import type { ErrorClass } from "../explain.ts";

/** What an error class means to somebody who has never heard of it. */
export interface ErrorWords {
  readonly title: string;
  readonly meaning: string;
  /** What to do while it is tried again by itself. */
  readonly whileRetried: string;
  /** What to do once it has been given up. */
  readonly onceStuck: string;
}

const NOTHING_TO_DO = "Du trenger ikke gjøre noe. Vi prøver igjen av oss selv.";
const SEND_AGAIN =
  "Trykk «Send på nytt». Stopper det igjen, gi beskjed til den som drifter løsningen.";

export const errors: Record<ErrorClass, ErrorWords> = {
  throttled: {
    title: "Dynamics ba oss vente",
    meaning: "Det kom mange endringer på kort tid, og Dynamics slapp oss ikke til.",
    whileRetried: "Du trenger ikke gjøre noe. Vi fortsetter så snart Dynamics slipper oss til.",
    onceStuck: SEND_AGAIN,
  },
  unavailable: {
    title: "Dynamics var nede",
    meaning: "Dynamics svarte at tjenesten ikke er tilgjengelig akkurat nå.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: "Trykk «Send på nytt» når Dynamics er oppe igjen.",
  },
  timeout: {
    title: "Dynamics svarte ikke i tide",
    meaning: "Vi vet ikke om endringen kom fram. Det er trygt å sende den en gang til.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: SEND_AGAIN,
  },
  network: {
    title: "Fikk ikke kontakt med Dynamics",
    meaning: "Forbindelsen ble brutt. Vi vet ikke om endringen kom fram.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: SEND_AGAIN,
  },
  credentials_rejected: {
    title: "Dynamics godtok ikke innloggingen vår",
    meaning: "Nøkkelen som systemet logger inn med, er utløpt eller byttet ut. Det gjelder alle.",
    whileRetried:
      "Gi beskjed til den som drifter løsningen. Når nøkkelen er fornyet, sendes alt av seg selv.",
    onceStuck:
      "Gi beskjed til den som drifter løsningen. Trykk «Send på nytt» når nøkkelen er fornyet.",
  },
  forbidden: {
    title: "Systemet mangler tilgang i Dynamics",
    meaning: "Vi ble logget inn, men får ikke lov til å endre oppføringer.",
    whileRetried:
      "Gi beskjed til den som drifter løsningen. Når tilgangen er rettet, sendes alt av seg selv.",
    onceStuck:
      "Gi beskjed til den som drifter løsningen. Trykk «Send på nytt» når tilgangen er rettet.",
  },
  listing_not_found: {
    title: "Fant ikke oppføringen i Dynamics",
    meaning: "Dynamics har ingen oppføring for denne likepersonen, så det er ingenting å vise.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: "Be HLF opprette oppføringen i Dynamics. Trykk deretter «Send på nytt».",
  },
  precondition_failed: {
    title: "Oppføringen ble endret samtidig",
    meaning: "Noen andre endret den samme oppføringen i Dynamics da vi sendte.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: SEND_AGAIN,
  },
  rejected: {
    title: "Dynamics avviste endringen",
    meaning: "Dynamics forsto oss, men ville ikke ta imot endringen.",
    whileRetried: NOTHING_TO_DO,
    onceStuck:
      "Gi beskjed til den som drifter løsningen, med forsøksnummeret. Å sende på nytt hjelper neppe før det er rettet.",
  },
  server_error: {
    title: "Feil hos Dynamics",
    meaning: "Noe gikk galt inne i Dynamics.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: SEND_AGAIN,
  },
  invalid_response: {
    title: "Fikk et svar vi ikke forsto",
    meaning: "Noe svarte, men ikke slik Dynamics pleier. Det kan være en annen server imellom.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: SEND_AGAIN,
  },
  interrupted: {
    title: "Forsøket ble avbrutt",
    meaning: "Systemet stoppet midt i sendingen. Vi vet ikke om endringen kom fram.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: SEND_AGAIN,
  },
};

export const unknownError: ErrorWords = {
  title: "Ukjent feil",
  meaning: "Vi har ingen forklaring på denne feilen.",
  whileRetried: NOTHING_TO_DO,
  onceStuck: SEND_AGAIN,
};
