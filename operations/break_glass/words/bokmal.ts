import type { Words } from "./english.ts";

/** Det samme på bokmål. */
export const BOKMAL: Words = {
  usage: `Retter nettsiden for hånd mens hlf-sync er nede.

  deno task break-glass                        spør om alt, med databasen
  deno task break-glass --list liste.csv       skriver oppføringene i Dynamics til en ny fil
  deno task break-glass --offline liste.csv    uten databasen: en kolonne mentor_id og, når ikke
                                               alle skal fjernes, en kolonne operation
      --journal fil.jsonl                      fortsetter med journalen fra en tidligere kjøring
  deno task break-glass --import fil.jsonl     skriver en journal inn i revisjonsloggen, én gang
  deno task break-glass --prepare              på forhånd: henter det som kan mangle når det haster
      --language en                            engelsk, uansett terminalens språk; nb: bokmål

Slutter med 0 bare når alt er som det skal. Passord og hemmeligheter blir spurt om, aldri gitt som
argumenter. Hentes fra miljøet som forslag: SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY,
HLF_ADMINISTRATOR_EMAIL, DYNAMICS_URL, DYNAMICS_TENANT_ID, DYNAMICS_CLIENT_ID.`,
  arguments: {
    wrong: (problem) => `Kan ikke lese argumentene: ${problem}. Se --help`,
    language: "--language må være nb eller en",
    alone: (option) => `${option} kan ikke brukes sammen med et annet valg`,
    journal: "--journal brukes bare sammen med --offline",
    unknown: "et valg er ukjent eller mangler filen sin",
  },
  terminal: {
    notShown: "vises ikke",
    yes: "ja",
    typeYes: "Skriv ja for å gå videre",
    ended: "Avsluttet før noe ble gjort: det kom ikke mer å lese",
    interrupted: "Avbrutt. Ingenting er underveis.",
    finishing: "Gjør ferdig det som er underveis (Ctrl-C en gang til avslutter straks)",
    progress: (done, total, failed) =>
      `${done} av ${total}${failed > 0 ? `, ${failed} mislyktes` : ""}`,
  },
  questions: {
    dynamicsUrl: "Adressen til Dynamics",
    tenant: "Tenant-id",
    client: "Client-id",
    secret: "Client secret",
    supabaseUrl: "Adressen til Supabase",
    publishableKey: "Publishable key",
    email: "Din e-postadresse",
    password: "Ditt passord",
    list: "CSV-fil med en kolonne mentor_id (tomt svar avslutter)",
    problems: (problems) => `Kan ikke fortsette: ${problems.join("; ")}`,
    problem: (problem) =>
      problem.replace(/ is missing$/, " mangler")
        .replace(/ must be an https URL.*$/, " må være en https-adresse")
        .replace(/ must be an http or https URL.*$/, " må være en http- eller https-adresse")
        .replace(/ must be a uuid$/, " må være en uuid")
        .replace(
          / must be the origin alone, nothing behind the host: (.*)$/,
          " må være adressen alene: $1",
        )
        .replace(/ is a portal's address: .*$/, " er adressen til en portal, ikke til miljøet")
        .replace(/ holds a line break.*$/, " inneholder et linjeskift")
        .replace(
          / holds a zero-width character.*$/,
          " inneholder et usynlig tegn: skriv den inn på nytt",
        )
        .replace(/ is in quotes.*$/, " står i anførselstegn: skriv den uten")
        .replace(/ must be /, " er ugyldig: must be "),
    noHttp: "SUPABASE_URL må være en https-adresse",
  },
  list: {
    unreadable: "Kan ikke lese listen:",
    atLine: (line, problem) => `linje ${line}: ${problem}`,
    workbook: "det er en arbeidsbok, ikke en tekst: lagre den som CSV og bruk den filen",
    binary: "det er ikke en tekst: lagre den som CSV og bruk den filen",
    noIdColumn: "det er ingen kolonne mentor_id",
    severalColumns: (name) => `det er flere kolonner ${name}`,
    misnamed: (name, number) =>
      name === ""
        ? `kolonne ${number} har ikke noe navn; mente du «operation»?`
        : `kolonnen «${name}» er ukjent; mente du «operation»?`,
    ignored: (name, number) =>
      name === ""
        ? `kolonne ${number} har ikke noe navn og blir ikke lest`
        : `kolonnen «${name}» blir ikke lest`,
    cells: (count, expected) => `${count} celler der overskriften har ${expected}`,
    quotes: "anførselstegnene stemmer ikke",
    noUuid: (column) => `${column} er ikke en uuid`,
    noOperation: "operation mangler",
    unknownOperation: "operation er verken remove eller restore",
    twice: (line) => `samme person som i linje ${line}`,
    empty: "det er ingen personer i den",
    more: (count) => `… og ${count} til`,
    allRemoved: (count) => `ingen kolonne operation: alle ${count} skal fjernes`,
  },
  listing: {
    columns: { name: "navn", shown: "vises", yes: "ja", no: "nei" },
    written: (path, shown, hidden) => `Skrevet til ${path}: ${shown} vises, ${hidden} er skjult.`,
    howTo: "Behold bare linjene til dem som skal endres, og skriv remove (fjern) eller restore " +
      "(vis igjen) i kolonnen operation. Bruk så --offline med den filen.",
    names: "Filen inneholder navn: slett den når du er ferdig.",
    noNames: (column) =>
      `Uten navn: Dynamics har ingen kolonne ${column}. DYNAMICS_LISTING_NAME angir en annen.`,
    unaddressable: (count) =>
      `Vises i Dynamics, men uten personens id, og står ikke i filen: ${count}. ` +
      "De kan bare skjules i Dynamics selv.",
  },
  dynamics: {
    accepted: "Dynamics godtar innloggingen.",
    fault: (message) => `Dynamics: ${message}`,
    noToken: (failure) =>
      `Entra gir ikke noe token (${failure}): er adressen riktig, og virker nettet der?`,
    rejected: (why) => `Entra avviser innloggingen: ${why}`,
    rejectedFor: {
      7000215: "client secret er feil (det er verdien som trengs, ikke id-en)",
      7000222: "client secret har gått ut",
      700016: "tenanten har ingen app med denne client-id-en",
      90002: "det finnes ingen slik tenant",
      7000112: "appen er slått av",
    },
    rejectedSilently: "det sier ikke hvorfor",
    noUser: "Dynamics har ingen programbruker for denne client-id-en",
    otherEnvironment: "Dynamics godtar ikke tokenet: hører adressen til riktig miljø?",
    forbidden: "Dynamics lar ikke programbrukeren logge inn: sikkerhetsrollen mangler en rettighet",
    away: (failure) => `Dynamics kan ikke nås (${failure}): er adressen riktig?`,
    strange: (failure, status) =>
      `Dynamics svarer ikke som det skal (${failure}, HTTP ${status}): er adressen riktig?`,
    unreadable: (why) => `Oppføringene kan ikke leses fra Dynamics: ${why}`,
    clock: (seconds) =>
      `Klokken på denne maskinen går ${duration(seconds)} for ${seconds > 0 ? "fort" : "sakte"} ` +
      "sammenlignet med Dynamics. Forsøkene får tiden til Dynamics.",
    noClock: "Dynamics sier ikke hva klokken er: går klokken på denne maskinen riktig?",
  },
  database: {
    away: "Supabase svarer ikke",
    refused: "Supabase avviser e-postadressen, passordet eller nøkkelen",
    noAdministrator: "Du er ikke administrator i HLF",
    noAnswer: (message) => `Databasen svarer ikke (${message})`,
    refuses: (message) => `Databasen avviser (${message})`,
    listWillDo: (problem) => `${problem}. En liste med id-er kan brukes i stedet.`,
    whereFrom: "Har du ingen liste: avslutt her, og lag en med --list liste.csv.",
  },
  run: {
    nothing: "Det er ingenting å sende.",
    unchanged: "Ingenting ble endret.",
    change: (removes, restores) =>
      `Endre ${removes + restores} oppføringer (fjerne ${removes}, vise igjen ${restores})?`,
    counts: (removes, restores) => `Skal fjernes: ${removes}, skal vises igjen: ${restores}`,
    remove: (count) => `Vises og må fjernes: ${count}`,
    restore: (count) => `Er skjult og må vises igjen: ${count}`,
    unlisted: (count) => `Skal vises, men har ingen oppføring, som bare HLF kan lage: ${count}`,
    unknown: (count) => `Vises, men er ukjent for appen, og blir ikke rørt: ${count}`,
    done: (done, failed) => `Utført: ${done}, mislyktes: ${failed}`,
    failed: (mentorId, operation, outcome, error) =>
      `  ${mentorId} ${operation}: ${outcome}, ${error}`,
    unreported: (count) =>
      `Forsøk som databasen ikke tok imot resultatet av, og vil kalle interrupted: ${count}`,
    left: (count) => `Gjenstår: ${count}`,
    more: (count) => `  … og ${count} til`,
    wait: (seconds) => `Dynamics ber oss vente ${seconds} s`,
    unclaimable: (count, seconds) =>
      `${count} kan ikke tas ennå: en annen prosess har dem, grensen for forespørsler er nådd, ` +
      `eller synkronisering er slått av for organisasjonen. Prøver igjen om ${seconds} s`,
    stopped: {
      interrupted: "Avbrutt: det som var underveis, er gjort ferdig og skrevet ned.",
      credentials:
        "Stanset: Dynamics godtar ikke lenger innloggingen, eller programbrukeren mangler en rettighet.",
      refused: "Stanset: alle blir avvist, og ingen kommer gjennom lenger.",
      throttled: "Stanset: Dynamics ber oss vente mer enn ti minutter.",
      database: "Stanset: databasen svarer ikke lenger.",
    },
    inSync: "Kontrollert: alt er som det skal.",
    notInSync: "Kontrollert: ikke alt er som det skal.",
    uncheckable: (message) => `Kunne ikke kontrollere hva som vises nå: ${message}`,
    asOrdered: "Kontrollert i Dynamics: alt er som bestilt.",
    notAsOrdered: (count) => `Kontrollert i Dynamics: ikke som bestilt: ${count}`,
    cacheAfter: "Den offentlige nettsiden følger etter innen 15 minutter, bak et CDN innen 75.",
  },
  journal: {
    path: (path) => `Journal: ${path}`,
    goOn: (list, journal) => `For å fortsette: --offline ${list} --journal ${journal}`,
    importLater: (path) => `Når databasen er tilbake: --import ${path}`,
    unreadable: "Kan ikke lese journalen:",
    noEntry: (line) => `linje ${line} er ikke en linje i en journal`,
    noAttempt: (line) => `linje ${line} er resultatet av et forsøk som ikke finnes`,
    count: (count) => `Forsøk i journalen: ${count}`,
    written: (count) => `Skrevet inn i revisjonsloggen: ${count}`,
    there: (count) => `Sto der fra før: ${count}`,
    unknown: (count) => `Av personer som databasen ikke kjenner, ikke skrevet inn: ${count}`,
    taken: (count) => `Ikke skrevet inn, fordi id-en er et av hlf-syncs egne forsøk: ${count}`,
    attempt: (mentorId, attemptId) => `  ${mentorId}, forsøk ${attemptId}`,
  },
  file: {
    unreadable: (path, why) => `Kan ikke lese ${path}: ${why}`,
    unwritable: (path, why) => `Kan ikke skrive ${path}: ${why}`,
    reasons: {
      EACCES: "ingen tilgang",
      EDQUOT: "disk-kvoten er brukt opp",
      EEXIST: "det finnes en fil med det navnet",
      EFBIG: "filen ville bli for stor",
      EIO: "disken eller terminalen svarer ikke",
      EISDIR: "det er en mappe",
      EMFILE: "for mange filer er åpne",
      ENAMETOOLONG: "navnet er for langt",
      ENOENT: "det finnes ingen slik fil eller mappe",
      ENOSPC: "disken er full",
      ENOTDIR: "en del av stien er en fil, ikke en mappe",
      EPERM: "ingen tilgang",
      EPIPE: "den som leste, er borte (broken pipe)",
      EROFS: "disken er skrivebeskyttet",
    },
  },
  output: "resultatet",
  unforeseen: (what) =>
    `Noe uventet skjedde (${what}). Det er en feil i hlf-sync: ` +
    "gi denne linjen videre til dem som vedlikeholder det",
  prepared: (deno) =>
    `Alt som break-glass trenger, er på denne maskinen (Deno ${deno}); ingen pakkeserver må svare.
Prøv det én gang mot Dynamics, det endrer ingenting: --list liste.csv`,
};

function duration(seconds: number): string {
  const minutes = Math.round(Math.abs(seconds) / 60);
  if (minutes < 120) return minutes === 1 ? "1 minutt" : `${minutes} minutter`;
  return `${Math.round(minutes / 60)} timer`;
}
