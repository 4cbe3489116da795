import { alerts, notifications } from "./nb_alerts.ts";
import { errors, unknownError } from "./nb_errors.ts";

/** «1 likeperson», «3 likepersoner». */
function people(count: number): string {
  return count === 1 ? "1 likeperson" : `${count} likepersoner`;
}

export const nb = {
  language: "nb" as "nb" | "en",
  locale: "nb-NO",
  errors,
  unknownError,
  alerts,
  notifications,

  app: {
    name: "Likepersoner på nettsiden",
    owner: "HLF",
    skip: "Hopp til innholdet",
    menu: "Hovedmeny",
    overview: "Oversikt",
    mentors: "Likepersoner",
    log: "Logg",
    otherLanguage: "English",
    signOut: "Logg ut",
    organisation: "Organisasjon",
    loading: "Henter …",
    broken: "Siden kunne ikke starte",
    brokenHelp:
      "Innstillingene til siden mangler eller er feil. Gi beskjed til den som drifter løsningen.",
    crashed: "Noe gikk galt på siden",
    crashedHelp: "Ingenting er sendt eller gått tapt. Last siden på nytt.",
    reload: "Last siden på nytt",
    notFound: "Denne siden finnes ikke",
    notFoundHelp: "Gå til oversikten og finn fram derfra.",
  },

  signIn: {
    title: "Logg inn",
    intro:
      "For koordinatorer. Se om nettsiden viser de riktige likepersonene, og send på nytt når noe står fast.",
    email: "E-post",
    password: "Passord",
    showPassword: "Vis passordet",
    submit: "Logg inn",
    busy: "Logger inn …",
    signedOut: "Du er logget ut. Logg inn igjen for å fortsette.",
    problems: {
      invalid_credentials: "E-posten eller passordet stemmer ikke. Prøv en gang til.",
      email_not_confirmed:
        "E-posten er ikke bekreftet ennå. Åpne lenken i e-posten du fikk, og prøv igjen.",
      too_many: "For mange forsøk. Vent et par minutter før du prøver igjen.",
      unreachable: "Får ikke kontakt. Sjekk nettforbindelsen og prøv igjen.",
      other:
        "Innloggingen gikk ikke. Prøv igjen om litt, eller gi beskjed til den som drifter løsningen.",
    },
  },

  noAccess: {
    title: "Du er ikke koordinator",
    text: (email: string) =>
      `Du er logget inn som ${email}, men er ikke koordinator i noen organisasjon. Derfor er det ingenting å vise her.`,
    help:
      "Be en administrator i organisasjonen din gjøre deg til koordinator. Logg så ut og inn igjen.",
  },

  contact: {
    lost: (at: string) =>
      `Får ikke kontakt. Du ser det som gjaldt ${at}. Vi prøver igjen hele tiden.`,
    neverHad: "Får ikke kontakt. Vi prøver igjen hele tiden.",
    updated: (at: string) => `Oppdatert ${at}`,
  },

  standing: {
    in_step: "I takt",
    waiting: "Venter",
    stuck: "Står fast",
  },

  operation: { remove: "Fjern fra nettsiden", restore: "Vis på nettsiden" },
  wanted: { remove: "Skal ikke vises", restore: "Skal vises" },
  confirmed: {
    remove: "Bekreftet fjernet",
    restore: "Bekreftet vist",
    none: "Ingenting bekreftet ennå",
  },
  outcome: { success: "Bekreftet", failure: "Feilet", dead_lettered: "Ga opp" },
  status: {
    active: "Aktiv",
    paused: "Satt på pause",
    expired_cert: "Sertifiseringen er utløpt",
    resigned: "Har sluttet",
    deleted: "Slettet i appen",
  },
  deletedMentor: (tail: string) => `Slettet likeperson (…${tail})`,
  events: {
    "status_change:active": "Ble aktiv i appen",
    "status_change:paused": "Ble satt på pause i appen",
    "status_change:expired_cert": "Sertifiseringen utløp",
    "status_change:resigned": "Sluttet",
    "status_change:deleted": "Ble slettet i appen",
    "status_change:hidden": "Ble skjult av appen",
    organisation_change: "Byttet lag",
    initial_sync: "Ble kjent for synkroniseringen",
    tracking_repair: "Minuttkontrollen fant en endring",
    manual_coordinator_force_sync: "En koordinator synkroniserte",
    manual_coordinator_requeue: "En koordinator sendte på nytt",
    nightly_reconciliation: "Nattkontrollen fant et avvik",
    break_glass: "Nødprosedyren",
  } as Record<string, string>,

  overview: {
    title: "Er nettsiden i takt?",
    yes: (count: number) =>
      count === 1
        ? "Ja. Likepersonen er som den skal være på nettsiden."
        : `Ja. Alle ${count} likepersonene er som de skal være på nettsiden.`,
    soon: (waiting: number) => `Snart. ${people(waiting)} venter. Det går av seg selv.`,
    no: (stuck: number) => `Nei. ${people(stuck)} står fast og trenger deg.`,
    nobody: "Det er ingen likepersoner her ennå.",
    tiles: {
      in_step: "er som de skal på nettsiden",
      waiting: "venter og går av seg selv",
      stuck: "står fast og trenger deg",
    },
    needsYou: "Trenger deg",
    onTheWay: "På vei",
    more: (count: number) => `Se alle ${count}`,
    night: "Siste nattkontroll",
    nightNever: "Det har ikke vært noen nattkontroll ennå. Den første går i natt.",
    nightRunning: (at: string) => `Startet ${at} og er ikke ferdig ennå.`,
    nightDone: (at: string) => `Ferdig ${at}.`,
    nightDrift: (drift: number, listings: number) =>
      drift === 0
        ? `Sammenlignet ${listings} oppføringer på nettsiden med appen. Ingen avvik.`
        : `Sammenlignet ${listings} oppføringer på nettsiden med appen. Fant ${drift} avvik, som ble sendt på nytt.`,
    nightCertificates: (expired: number, reminders: number) =>
      `Utløpte sertifiseringer: ${expired}. Påminnelser: ${reminders}.`,
    alerts: "Åpne varsler",
    noAlerts: "Ingen åpne varsler.",
    since: (at: string) => `Siden ${at}`,
    notifications: "Siste 14 dager",
    noNotifications: "Ingenting å melde.",
    gateThrottled: (at: string) =>
      `Dynamics har bedt oss vente til ${at}. Alt som venter, sendes etterpå av seg selv.`,
    gateCredentials:
      "Dynamics godtar ikke innloggingen vår. Ingenting kan sendes før den er fornyet. Gi beskjed til den som drifter løsningen.",
    disabled: (name: string) =>
      `${name} er ikke koblet til HLF. Endringer samles opp og sendes når koblingen slås på.`,
  },

  meaning: {
    title: "Hva betyr «bekreftet»?",
    text:
      "Bekreftet betyr at Dynamics, HLFs register bak nettsiden, har svart at endringen er lagret.",
    lag:
      "Selve nettsiden kan henge etter: i opptil 15 minutter, eller opptil 75 minutter der et mellomlager (CDN) ligger foran den.",
  },

  mentors: {
    title: "Likepersoner",
    search: "Søk på navn",
    show: "Vis",
    all: "Alle",
    shown: (count: number) => `${people(count)} i listen`,
    none: "Ingen likepersoner passer til dette.",
    select: (name: string) => `Velg ${name}`,
    selectAll: "Velg alle som står fast",
    showMore: "Vis flere",
    stillShown: "Kan fortsatt stå på nettsiden",
    confirmedSince: (what: string, at: string) => `${what} ${at}`,
    nextAttempt: (at: string) => `Neste forsøk ${at}`,
    attemptNow: "Sendes nå",
    attemptSoon: "Sendes straks",
    held: "Holdes tilbake",
    stuckSince: (at: string) => `Har stått fast siden ${at}`,
  },

  mentor: {
    back: "Alle likepersoner",
    status: "Status i appen",
    wanted: "På nettsiden",
    confirmed: "Dynamics har bekreftet",
    confirmedAt: "Sist bekreftet",
    next: "Hva skjer nå",
    noNext: "Ingenting. Alt er i takt.",
    attempts: "Forsøk på denne endringen",
    reason: "Grunn",
    never: "Aldri",
    recent: "Siste forsøk",
    noRecent: "Ingen forsøk ennå.",
    wholeLog: "Se alt i loggen",
    unknown: "Fant ikke denne likepersonen",
    unknownHelp: "Den finnes ikke, er slettet og ferdig, eller hører til en annen organisasjon.",
  },

  force: {
    button: "Synkroniser nå",
    buttonFor: (name: string) => `Synkroniser nå: ${name}`,
    preview: {
      remove: "Sender beskjed til Dynamics nå om at likepersonen ikke skal vises.",
      restore: "Sender beskjed til Dynamics nå om at likepersonen skal vises.",
    },
    busy: (name: string) => `Sender ${name} til Dynamics …`,
    done: {
      remove: (name: string) =>
        `Ferdig. Dynamics har bekreftet at ${name} er fjernet. Nettsiden følger etter innen 15 minutter, eller 75 der et mellomlager (CDN) ligger foran den.`,
      restore: (name: string) =>
        `Ferdig. Dynamics har bekreftet at ${name} vises. Nettsiden følger etter innen 15 minutter, eller 75 der et mellomlager (CDN) ligger foran den.`,
    },
    failed: (name: string) => `Det gikk ikke denne gangen for ${name}.`,
    failedNext: (at: string) => `Neste forsøk ${at}.`,
    stuck: (name: string) => `${name} står fast.`,
    pending: (name: string) => `Ikke ferdig ennå for ${name}.`,
    pendingHelp: "Det er lagt i kø og går av seg selv. Du kan følge med her.",
    close: "Lukk meldingen",
    refused: {
      unauthorised: "Innloggingen har gått ut. Logg inn igjen og prøv en gang til.",
      not_found: "Likepersonen finnes ikke i organisasjonene dine lenger. Last siden på nytt.",
      not_coordinator: "Bare koordinatorer kan gjøre dette. Be en administrator om tilgang.",
      sync_disabled:
        "Organisasjonen er ikke koblet til HLF nå. Endringen sendes når koblingen slås på.",
      too_many_requests: "Det ble mange trykk på kort tid. Vent ett minutt og prøv igjen.",
      unreachable: "Fikk ikke svar. Sjekk nettforbindelsen. Det er trygt å trykke en gang til.",
      other:
        "Noe gikk galt hos oss. Prøv igjen om litt. Skjer det igjen, gi beskjed til den som drifter løsningen.",
    },
  },

  requeue: {
    one: "Send på nytt",
    oneFor: (name: string) => `Send på nytt: ${name}`,
    selected: (count: number) => `Send ${count} ${count === 1 ? "valgt" : "valgte"} på nytt`,
    all: (count: number) => count === 1 ? "Send på nytt" : `Send alle ${count} på nytt`,
    title: (count: number) => `Send ${people(count)} på nytt?`,
    sent: (count: number) => `${people(count)} sendt på nytt`,
    loading: "Ser etter hva som vil skje …",
    preview: "Dette sendes til Dynamics:",
    alreadySo: "Dynamics har det slik fra før, men vi sender det likevel.",
    nothing: "Ingen av disse står fast lenger. Det er ingenting å sende.",
    andMore: (count: number) => `og ${count} til`,
    confirm: (count: number) => count === 1 ? "Send på nytt" : `Send ${count} på nytt`,
    cancel: "Avbryt",
    sending: "Sender …",
    progress: (done: number, total: number) => `${done} av ${total} er ferdige`,
    mayClose: "Du kan lukke vinduet. Sendingen fortsetter.",
    close: "Lukk",
    finished: "Ferdig",
    summary: (confirmed: number, retrying: number, stuck: number) =>
      [
        `${confirmed} bekreftet av Dynamics.`,
        retrying > 0 ? `${retrying} prøves igjen av seg selv.` : "",
        stuck > 0 ? `${stuck} står fortsatt fast.` : "",
      ].filter(Boolean).join(" "),
    step: {
      working: "Venter på svar",
      confirmed: "Bekreftet",
      retrying: "Prøves igjen",
      stuck: "Står fast",
    },
    leftOut: (count: number) => `${people(count)} sto ikke fast lenger og ble ikke sendt.`,
  },

  log: {
    title: "Logg",
    intro: "Hvert forsøk på å si fra til Dynamics. Ingen kan endre eller slette loggen.",
    filter: "Velg hva du vil se",
    mentor: "Likeperson",
    everyone: "Alle",
    outcome: "Resultat",
    anyOutcome: "Alle",
    from: "Fra og med",
    to: "Til og med",
    reset: "Nullstill",
    csv: "Last ned som CSV",
    csvBusy: (count: number) => `Henter ${count} …`,
    csvDone: (count: number) => `${count} ${count === 1 ? "rad" : "rader"} er lastet ned.`,
    csvFailed: "Nedlastingen gikk ikke. Prøv igjen.",
    csvName: (from: string, to: string) => `hlf-logg-${from}-${to}.csv`,
    csvHeader: [
      "Tidspunkt (Oslo)",
      "Likeperson",
      "Likeperson-id",
      "Endring",
      "Resultat",
      "Svarkode fra Dynamics",
      "Tidligere forsøk",
      "Feil",
      "Forklaring",
      "Grunn",
      "Forsøksnummer",
    ],
    summary: "Hele organisasjonen i tidsrommet",
    chart: "Resultater per dag",
    chartWeeks: "Resultater per uke",
    chartText: (from: string, to: string, success: number, failure: number, dead: number) =>
      `Fra ${from} til ${to}: ${success} bekreftet, ${failure} feilet, ${dead} gitt opp.`,
    chartTable: "Vis diagrammet som tabell",
    day: "Dag",
    week: "Uke fra",
    rows: "Forsøk",
    none: "Ingen forsøk passer til dette.",
    more: "Vis eldre",
    loaded: (count: number) => `${count} vises`,
    details: {
      attempt: "Forsøksnummer",
      code: "Svarkode fra Dynamics",
      noCode: "Ikke noe svar",
      retries: "Tidligere forsøk",
      total: "Forsøk i alt",
      reason: "Grunn",
      error: "Feilkode",
      request: "Dynamics’ eget nummer",
      meaning: "Hva det betyr",
      todo: "Hva du kan gjøre",
    },
    succeeded: "Dynamics har bekreftet at endringen er lagret.",
    seals: "Er loggen urørt?",
    sealsText:
      "Hver natt forsegles dagen før med et fingeravtrykk. Blir en rad endret, slettet eller lagt til etterpå, stemmer ikke seglet lenger.",
    sealedUntil: (day: string, rows: number) =>
      `Forseglet til og med ${day} (${rows} ${rows === 1 ? "rad" : "rader"} den dagen).`,
    notSealed: "Ingen dager er forseglet ennå.",
    verify: "Kontroller seglene",
    verifying: "Kontrollerer …",
    intact: (days: number) =>
      days === 0
        ? "Ingen forseglede dager i tidsrommet å kontrollere."
        : days === 1
        ? "1 dag er kontrollert. Ingenting er endret."
        : `${days} dager er kontrollert. Ingenting er endret.`,
    broken: (day: string, reason: string) =>
      `Seglet stemmer ikke ${day}: ${reason}. Gi beskjed til den som drifter løsningen, og ikke rydd opp selv.`,
    sealReasons: {
      "seal missing": "seglet mangler",
      "seal does not follow from the day before": "seglet henger ikke sammen med dagen før",
      "rows detached too early": "rader er tatt ut for tidlig",
      "log and seals missing": "hele loggen og alle segl er borte",
      "row added": "en rad er lagt til",
      "row missing": "en rad mangler",
      "row changed": "en rad er endret",
    } as Record<string, string>,
    verifyFailed: "Kontrollen gikk ikke. Prøv igjen.",
  },
};

/** Every word of the page, in one language. */
export type Words = typeof nb;
