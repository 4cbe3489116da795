import type { ErrorClass } from "../model/explain.ts";

/** What an error class means to somebody who has never heard of it. */
export interface ErrorWords {
  readonly title: string;
  readonly meaning: string;
  /** What to do while it is tried again by itself. */
  readonly whileRetried: string;
  /** What to do once it has been given up. */
  readonly onceStuck: string;
  /** HLF puts it right if the coordinator asks for it; everything else is for those who run the system. */
  readonly isForHlf?: true;
}

const NOTHING_TO_DO = "Du trenger ikke gjøre noe. Vi prøver igjen automatisk.";
const TELL = "Si fra til den som drifter løsningen.";

/** All the ways of getting no useful answer; which one it was stands in the details. */
const NO_CONTACT: ErrorWords = {
  title: "Vi fikk ikke kontakt med HLFs register",
  meaning: "Vi vet ikke om endringen kom fram. Det er trygt å sende endringen en gang til.",
  whileRetried: NOTHING_TO_DO,
  onceStuck:
    "Trykk «Send nå» om en time. Stopper sendingen igjen, si fra til den som drifter løsningen.",
};

export const errors: Record<ErrorClass, ErrorWords> = {
  unavailable: NO_CONTACT,
  timeout: NO_CONTACT,
  network: NO_CONTACT,
  server_error: NO_CONTACT,
  invalid_response: NO_CONTACT,
  interrupted: NO_CONTACT,
  throttled: {
    title: "HLFs register ba oss vente",
    meaning: "Det kom mange endringer på kort tid, og HLFs register slapp oss ikke til.",
    whileRetried: "Du trenger ikke gjøre noe. Vi fortsetter når HLFs register slipper oss til.",
    onceStuck: NO_CONTACT.onceStuck,
  },
  credentials_rejected: {
    title: "HLFs register godtok ikke innloggingen vår",
    meaning:
      "Nøkkelen som løsningen logger inn med, er utløpt eller byttet ut, og det gjelder alle.",
    whileRetried: `${TELL} Endringen sendes automatisk når nøkkelen er fornyet.`,
    onceStuck: `${TELL} Trykk «Send nå» når nøkkelen er fornyet.`,
  },
  forbidden: {
    title: "Løsningen mangler tilgang i HLFs register",
    meaning: "Vi ble logget inn, men får ikke lov til å endre oppføringer.",
    whileRetried: `${TELL} Endringen sendes automatisk når tilgangen er rettet.`,
    onceStuck: `${TELL} Trykk «Send nå» når tilgangen er rettet.`,
  },
  listing_not_found: {
    title: "Mangler oppføring hos HLF",
    meaning:
      "HLFs register har ingen oppføring for denne likepersonen, så det er ingenting å vise.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: "Be HLF opprette oppføringen. Trykk «Send nå» når oppføringen er opprettet.",
    isForHlf: true,
  },
  precondition_failed: {
    title: "Oppføringen ble endret samtidig",
    meaning: "Noen andre endret den samme oppføringen i HLFs register da vi sendte.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: "Trykk «Send nå». Stopper sendingen igjen, si fra til den som drifter løsningen.",
  },
  rejected: {
    title: "HLFs register avviste endringen",
    meaning: "HLFs register forsto oss, men ville ikke ta imot endringen.",
    whileRetried: NOTHING_TO_DO,
    onceStuck:
      `${TELL} Oppgi referansen til forsøket. Å sende på nytt hjelper neppe før feilen er rettet.`,
  },
};

export const unknownError: ErrorWords = {
  title: "Ukjent feil",
  meaning: "Vi har ingen forklaring på denne feilen.",
  whileRetried: NOTHING_TO_DO,
  onceStuck: "Trykk «Send nå». Stopper sendingen igjen, si fra til den som drifter løsningen.",
};
