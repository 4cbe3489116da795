import { alerts, notifications } from "./nb_alerts.ts";
import { errors, unknownError } from "./nb_errors.ts";

const format = new Intl.NumberFormat("nb-NO");

/** «3 000» */
function number(count: number): string {
  return format.format(count);
}

/** «1 likeperson», «3 000 likepersoner». */
function people(count: number): string {
  return count === 1 ? "1 likeperson" : `${number(count)} likepersoner`;
}

function changes(count: number): string {
  return count === 1 ? "1 endring" : `${number(count)} endringer`;
}

/** «Send nå», «Send begge nå», «Send alle 15 nå». */
function sendAll(count: number): string {
  return count === 1 ? "Send nå" : count === 2 ? "Send begge nå" : `Send alle ${number(count)} nå`;
}

export const nb = {
  language: "nb" as "nb" | "en",
  locale: "nb-NO" as "nb-NO" | "en-GB",
  number,
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
    notNow: "Kan ikke vises akkurat nå.",
    notCopied: "Nettleseren lot oss ikke kopiere.",
    broken: "Siden kunne ikke starte",
    brokenHelp:
      "Innstillingene til siden mangler eller er feil. Si fra til den som drifter løsningen.",
    crashed: "Noe gikk galt på siden",
    crashedHelp: "Ingenting er sendt eller gått tapt. Last siden på nytt.",
    reload: "Last siden på nytt",
    notFound: "Denne siden finnes ikke",
    notFoundHelp: "Gå til oversikten og finn fram derfra.",
  },

  help: {
    title: "Hjelp",
    urgent: "Haster det?",
    ringHlf: "Ring HLF. En administrator kan fjerne personen for hånd.",
    ring: (phone: string) => `Ring HLF: ${phone}`,
    support: "Virker noe ikke som det skal? Si fra til:",
    website: "Åpne nettsiden slik alle ser den",
  },

  timeline: {
    asked: "Grunn",
    sent: "Sendt",
    last: "Siste forsøk",
    confirmed: "Bekreftet",
    visible: { remove: "Skjult for alle senest", restore: "Synlig for alle senest" },
  },

  signIn: {
    title: "Logg inn",
    intro:
      "For koordinatorer. Se om nettsiden viser de riktige likepersonene, og følg opp når noe har stoppet.",
    email: "E-post",
    password: "Passord",
    showPassword: "Vis passordet",
    submit: "Logg inn",
    busy: "Logger inn …",
    signedOut: "Du er blitt logget ut. Logg inn igjen for å fortsette.",
    ways: {
      password: "Logg inn med passord",
      email_code: "Logg inn med en kode på e-post",
      azure: "Logg inn med Microsoft",
    },
    forgot: "Glemt passord?",
    recoverySent:
      "Har adressen en konto, er det sendt en lenke dit. Åpne lenken på denne enheten for å velge nytt passord.",
    sendCode: "Send meg en kode",
    codeSent: (email: string) =>
      `Har ${email} en konto, er det sendt en kode dit. Skriv koden her.`,
    code: "Kode",
    otherEmail: "Bruk en annen e-post",
    newPassword: "Velg et passord",
    newPasswordIntro: "Du er logget inn. Velg et passord, så du kan logge inn igjen senere.",
    newPasswordField: "Nytt passord",
    savePassword: "Lagre passordet",
    secondFactor: "Bekreft at det er deg",
    secondFactorIntro: "Åpne godkjenningsappen din og skriv koden som står der.",
    oldLink: "Lenken er brukt eller for gammel. Logg inn på nytt her.",
    problems: {
      invalid_credentials: "E-posten eller passordet stemmer ikke. Prøv en gang til.",
      email_not_confirmed:
        "E-posten er ikke bekreftet ennå. Åpne lenken i e-posten du fikk, og prøv igjen.",
      wrong_code: "Koden stemmer ikke eller er for gammel. Prøv igjen eller be om en ny kode.",
      expired_link: "Lenken er brukt eller for gammel. Be om en ny lenke under «Glemt passord?».",
      banned: "Kontoen er sperret. Ta kontakt med den som administrerer kontoen.",
      captcha:
        "Innloggingen ble stoppet av en kontroll mot roboter. Last siden på nytt og prøv igjen.",
      weak_password: "Passordet er for enkelt. Velg et lengre passord.",
      same_password: "Dette er passordet du har fra før. Velg et annet passord.",
      way_is_off: "Denne måten å logge inn på er ikke slått på. Velg en annen måte.",
      server: "Innloggingstjenesten svarer med en feil. Prøv igjen om litt.",
      too_many: "For mange forsøk. Vent et par minutter før du prøver igjen.",
      unreachable: "Får ikke kontakt. Sjekk nettforbindelsen og prøv igjen.",
      other: "Innloggingen gikk ikke. Prøv igjen om litt.",
    },
  },

  noAccess: {
    title: "Du er ikke koordinator",
    text: (email: string) =>
      `Du er logget inn som ${email}, men er ikke koordinator i noen organisasjon, så det er ingenting å vise her.`,
    help:
      "Be en administrator i organisasjonen din gjøre deg til koordinator. Siden oppdaterer seg selv.",
  },

  contact: {
    lost: (at: string) =>
      `Får ikke kontakt. Du ser det som gjaldt ${at}. Vi prøver igjen hele tiden.`,
    neverHad: "Får ikke kontakt. Vi prøver igjen hele tiden.",
    refused: "Vi får svar, men ikke lov til å se opplysningene. Siden prøver igjen hele tiden.",
  },

  standing: {
    in_sync: "Stemmer",
    waiting: "Venter",
    stuck: "Må følges opp",
  },
  progress: {
    confirmed: "Stemmer",
    on_its_way: "Sendes automatisk",
    held: "Sendes ikke nå",
    needs_you: "Må følges opp",
  },

  operation: { remove: "Skulle fjernes", restore: "Skulle vises" },
  wanted: { remove: "Skal ikke vises", restore: "Skal vises" },
  confirmed: {
    remove: "Bekreftet fjernet",
    restore: "Bekreftet vist",
    none: "Ingenting bekreftet ennå",
  },
  outcome: { success: "Bekreftet", failure: "Feilet", dead_lettered: "Gitt opp" },
  status: {
    active: "Aktiv",
    paused: "Satt på pause",
    expired_cert: "Sertifiseringen er utløpt",
    resigned: "Har sluttet",
    deleted: "Slettet i appen",
  },
  names: {
    unread: (tail: string) => `Henter navn … (…${tail})`,
    deleted: (tail: string) => `Slettet likeperson (…${tail})`,
    gone: (tail: string) => `Ikke lenger i organisasjonen (…${tail})`,
    blank: (tail: string) => `Uten navn (…${tail})`,
    twin: (name: string, tail: string) => `${name} (…${tail})`,
  },
  events: {
    "status_change:active": "Ble aktiv i appen",
    "status_change:paused": "Ble satt på pause i appen",
    "status_change:expired_cert": "Sertifiseringen utløp",
    "status_change:resigned": "Sluttet",
    "status_change:deleted": "Ble slettet i appen",
    "status_change:hidden": "Ble skjult av appen",
    organisation_change: "Byttet organisasjon",
    initial_sync: "Ble lagt til i appen",
    tracking_repair: "Den faste kontrollen fant en endring",
    manual_coordinator_force_sync: "Sendt av en koordinator",
    manual_coordinator_requeue: "Sendt på nytt av en koordinator",
    nightly_reconciliation: "Nattkontrollen fant et avvik",
    break_glass: "Fjernet for hånd av HLF (nødprosedyre)",
  } as Record<string, string>,

  overview: {
    title: "Stemmer nettsiden?",
    nobody: "Det er ingen likepersoner her ennå.",
    yes: (count: number) =>
      count === 1
        ? "Ja. Nettsiden stemmer for likepersonen."
        : `Ja. Nettsiden stemmer for alle ${number(count)} likepersonene.`,
    soon: "Snart.",
    no: "Nei.",
    stillShown: {
      needs_you: (count: number) =>
        `${people(count)} kan fortsatt vises på nettsiden og må følges opp.`,
      held: (count: number) =>
        `${people(count)} kan fortsatt vises på nettsiden, og ingenting sendes nå.`,
      on_its_way: (count: number) =>
        `${people(count)} kan fortsatt vises på nettsiden, men fjerningen sendes automatisk.`,
    },
    others: {
      needs_you: (count: number) => `${people(count)} må følges opp.`,
      held: (count: number) => `${changes(count)} er ikke sendt, for ingenting sendes nå.`,
      on_its_way: (count: number) => `${changes(count)} er på vei og sendes automatisk.`,
    },
    fading: (count: number, at: string) =>
      count === 1
        ? `1 likeperson er fjernet, men kan være synlig på nettsiden til ${at}.`
        : `${people(count)} er fjernet, men kan være synlige på nettsiden til ${at}.`,
    noNews: "Nye endringer sendes ikke nå.",
    tiles: {
      confirmed: "nettsiden viser det den skal",
      on_its_way: "sendes uten at du gjør noe",
      held: "venter på at sendingen kommer i gang",
      needs_you: "har stoppet – følg opp",
    },
    cause: (title: string, count: number) => `${title}: ${people(count)}`,
    copyList: "Kopier liste til HLF",
    copied: (count: number) => `${people(count)} er kopiert. Lim listen inn i en e-post til HLF.`,
    confirmations: "Siste bekreftelser",
    noConfirmations: "Ingenting er bekreftet ennå.",
    followed: {
      remove: "Nettsiden viser ikke personen lenger.",
      restore: "Nettsiden viser personen.",
    },
    more: (count: number) => `Se alle ${number(count)}`,
    night: "Siste nattkontroll",
    nightNever: "Den første nattkontrollen går i natt.",
    nightRunning: (at: string) => `Nattkontrollen startet ${at} og er ikke ferdig ennå.`,
    nightDone: (at: string) => `Oppføringene hos HLF ble sammenlignet med appen ${at}.`,
    notifications: "Hendelser de siste 14 dagene",
    noNotifications: "Ingen hendelser.",
    holds: {
      disabled: (name: string) =>
        `${name} er ikke koblet til HLF. Endringer samles opp og sendes når koblingen slås på.`,
      credentials: () =>
        "HLFs register godtar ikke innloggingen vår. Ingenting kan sendes før innloggingen er fornyet.",
      settings: () =>
        "HLFs register tar ikke imot det vi sender, fordi noe er satt opp feil. Ingenting kan sendes før oppsettet er rettet.",
      closed: () => "Sendingen til HLF er stoppet.",
      stalled: () => "Endringer sendes ikke som de skal. Ingen endringer går tapt.",
      unknown: () =>
        "Vi fikk ikke sett om noe kan sendes akkurat nå. Vi ser etter igjen hele tiden.",
      throttled: (_name: string, at: string) =>
        `HLFs register har bedt oss vente til ${at}. Det som venter, sendes automatisk når ventetiden er over.`,
    },
  },

  meaning: {
    title: "Hva betyr «bekreftet»?",
    text: "Bekreftet betyr at HLFs register, som nettsiden bygger på, har lagret endringen.",
    lag: (minutes: number) =>
      minutes === 0
        ? "Nettsiden viser endringen med en gang."
        : `Det kan gå inntil ${number(minutes)} minutter før endringen synes på selve nettsiden.`,
  },

  mentors: {
    title: "Likepersoner",
    search: "Søk på navn",
    kind: "Hvem",
    anyKind: "Alle",
    kinds: {
      may_show: "Kan fortsatt vises på nettsiden",
      shown: "Vises på nettsiden",
      hidden: "Vises ikke på nettsiden",
      paused: "Satt på pause",
      expired_cert: "Sertifiseringen er utløpt",
    },
    show: "Vis",
    all: "Alle",
    shown: (count: number) => `${people(count)} i listen`,
    none: "Ingen likepersoner passer til dette.",
    select: (name: string) => `Velg ${name}`,
    selectAll: "Velg alle som må følges opp",
    showMore: "Vis flere",
    stillShown: "Kan fortsatt vises på nettsiden",
    fades: (at: string) => `Fjernet – kan være synlig på nettsiden til ${at}`,
    follows: (at: string) => `Synlig på nettsiden senest ${at}`,
    confirmedSince: (what: string, at: string) => `${what} ${at}`,
    nextAttempt: (at: string) => `Neste forsøk ${at}`,
    attemptNow: "Sendes nå",
    todoStuckAndHeld: "Ingenting sendes nå. Trykk «Send nå» når sendingen er i gang igjen.",
    todoHeld: "Ingenting sendes nå. Endringen blir liggende i kø og går ikke tapt.",
    attemptSoon: "Sendes straks",
    held: "Venter: sendingen er stoppet",
    heldUntil: (at: string) => `Venter: sendes automatisk etter ${at}`,
    stuckSince: (at: string) => `Stoppet ${at}`,
  },

  mentor: {
    back: "Alle likepersoner",
    certification: "Sertifisert til og med",
    listing: "Se oppføringen slik alle ser den",
    status: "Status i appen",
    wanted: "På nettsiden",
    confirmed: "HLFs register har bekreftet",
    confirmedAt: "Sist bekreftet",
    next: "Hva skjer nå",
    noNext: "Ingenting. Alt stemmer.",
    attempts: "Forsøk på denne endringen",
    never: "Aldri",
    recent: "Siste forsøk",
    noRecent: "Ingen forsøk ennå.",
    wholeLog: "Se alt i loggen",
    unknown: "Fant ikke denne likepersonen",
    unknownHelp: "Personen er slettet eller hører til en annen organisasjon.",
  },

  force: {
    button: "Send nå",
    buttonFor: (name: string) => `Send nå: ${name}`,
    preview: {
      remove: "Gir HLFs register beskjed nå om at likepersonen ikke skal vises.",
      restore: "Gir HLFs register beskjed nå om at likepersonen skal vises.",
    },
    busy: (name: string) => `Sender ${name} til HLF …`,
    done: {
      remove: (name: string) => `Ferdig. HLFs register har bekreftet at ${name} er fjernet.`,
      restore: (name: string) => `Ferdig. HLFs register har bekreftet at ${name} skal vises.`,
    },
    failed: (name: string) => `Det gikk ikke denne gangen for ${name}.`,
    failedNext: (at: string) => `Neste forsøk ${at}.`,
    stuck: (name: string) => `Sendingen av ${name} har stoppet.`,
    pending: (name: string) => `Ikke ferdig ennå for ${name}.`,
    pendingHelp: "Endringen ligger i kø. Du kan følge med her.",
    pendingHeld: "Endringen ligger i kø, men ingenting sendes nå.",
    close: "Lukk meldingen",
    refused: {
      unauthorised: "Du er blitt logget ut. Logg inn igjen og prøv en gang til.",
      not_found: "Likepersonen finnes ikke i organisasjonene dine lenger. Last siden på nytt.",
      not_coordinator: "Bare koordinatorer kan gjøre dette. Be en administrator om tilgang.",
      sync_disabled:
        "Organisasjonen er ikke koblet til HLF nå. Endringen sendes når koblingen slås på.",
      too_many_requests: "Du har sendt mange ganger på kort tid. Vent ett minutt og prøv igjen.",
      unreachable:
        "Vi vet ikke ennå om det ble sendt. Følg med på raden her. Det er trygt å sende en gang til.",
      other: "Noe gikk galt hos oss. Prøv igjen om litt, og si fra hvis feilen kommer tilbake.",
    },
  },

  requeue: {
    selected: (count: number) => `Send ${number(count)} ${count === 1 ? "valgt" : "valgte"} nå`,
    all: sendAll,
    title: (count: number) => `Send beskjed om ${people(count)} nå?`,
    sent: (count: number) => `Beskjed om ${people(count)} er sendt`,
    loading: "Ser etter hva som vil skje …",
    preview: "Dette sendes til HLFs register:",
    alreadySo: "HLFs register har dette fra før. Det skader ikke å sende igjen.",
    nothing: "Ingen av disse må følges opp lenger. Det er ingenting å sende.",
    held: "Ingenting sendes nå. Beskjeden blir liggende i kø til sendingen er i gang igjen.",
    cancel: "Avbryt",
    sending: "Sender …",
    progress: (done: number, total: number) => `${number(done)} av ${number(total)} er ferdige`,
    mayClose: "Du kan lukke vinduet. Sendingen fortsetter.",
    close: "Lukk",
    finished: "Ferdig",
    summary: (confirmed: number, retrying: number, stuck: number) =>
      [
        confirmed === 0 ? "Ingen ble bekreftet." : `${number(confirmed)} bekreftet av HLF.`,
        retrying > 0 ? `${number(retrying)} prøves igjen automatisk.` : "",
        stuck > 0 ? `${number(stuck)} stoppet igjen.` : "",
      ].filter(Boolean).join(" "),
    step: {
      working: "Venter på svar",
      confirmed: "Bekreftet",
      retrying: "Prøves igjen",
      stuck: "Stoppet igjen",
    },
    leftOut: (count: number) => `${people(count)} måtte ikke følges opp lenger og ble ikke sendt.`,
  },

  log: {
    title: "Logg",
    intro: "Hver gang vi har gitt HLF beskjed. Ingen kan endre eller slette loggen.",
    filter: "Velg hva du vil se",
    mentor: "Likeperson",
    everyone: "Alle",
    outcome: "Resultat",
    anyOutcome: "Alle",
    from: "Fra og med",
    to: "Til og med",
    moreChoices: "Resultat og datoer",
    reset: "Nullstill",
    csv: "Last ned som CSV",
    csvNames: "Henter navn …",
    csvBusy: (count: number) => `Henter ${number(count)} …`,
    csvDone: (count: number) => `${number(count)} ${count === 1 ? "rad" : "rader"} er lastet ned.`,
    csvFailed: "Nedlastingen gikk ikke. Prøv igjen.",
    csvName: (from: string, to: string) => `hlf-logg-${from}-${to}.csv`,
    csvHeader: [
      "Tidspunkt (Oslo)",
      "Likeperson",
      "Likeperson-id",
      "Endring",
      "Resultat",
      "Svarkode",
      "Tidligere forsøk",
      "Feil",
      "Forklaring",
      "Grunn",
      "Referanse",
    ],
    forAudit: "For revisjon",
    auditIntro: "Tall for hele organisasjonen, og kontroll av at loggen er slik den ble skrevet.",
    backToLog: "Tilbake til loggen",
    summary: "Hele organisasjonen i tidsrommet",
    chart: "Resultater per dag",
    chartWeeks: "Resultater per uke",
    chartText: (from: string, to: string, success: number, failure: number, dead: number) =>
      `Fra ${from} til ${to}: ${number(success)} bekreftet, ${number(failure)} feilet, ${
        number(dead)
      } gitt opp.`,
    chartTable: "Vis diagrammet som tabell",
    day: "Dag",
    week: "Uke fra",
    rows: "Forsøk",
    none: "Ingen forsøk passer til dette.",
    more: "Vis eldre",
    loaded: (count: number) => `${number(count)} vises`,
    details: {
      time: "Nøyaktig tidspunkt",
      class: "Feiltype",
      mentor: "Se likepersonen",
      copy: "Kopier referanse",
      copied: "Kopiert.",
      attempt: "Referanse",
      code: "Svarkode",
      noCode: "Ikke noe svar",
      retries: "Tidligere forsøk",
      total: "Forsøk i alt",
      reason: "Grunn",
      error: "Feilkode",
      request: "Dynamics-referanse",
      meaning: "Hva det betyr",
      todo: "Hva du kan gjøre",
    },
    succeeded: "HLFs register har bekreftet at endringen er lagret.",
    seals: "Er loggen urørt?",
    sealsText:
      "Hver natt forsegles dagen før med et fingeravtrykk som ikke stemmer lenger hvis en rad blir endret, slettet eller lagt til.",
    verify: "Kontroller at loggen ikke er endret",
    verifying: "Kontrollerer …",
    intact: (days: number) =>
      days === 0
        ? "Ingen forseglede dager i tidsrommet å kontrollere."
        : days === 1
        ? "1 dag er kontrollert. Ingenting er endret."
        : `${days} dager er kontrollert. Ingenting er endret.`,
    broken: (day: string, reason: string) =>
      `Seglet stemmer ikke ${day}: ${reason}. Si fra, og ikke rydd opp selv.`,
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
