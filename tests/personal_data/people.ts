/** Whole numbers from 0 up to, not including, the limit; the same for the same seed. */
export type Random = (limit: number) => number;

/** mulberry32: short, and good enough to choose cases. <https://github.com/cprosche/mulberry32> */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** One of them. */
export function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[random(values.length)];
  if (value === undefined) throw new RangeError("Cannot pick one of none");
  return value;
}

/** Somebody who does not exist. */
export interface Person {
  readonly name: string;
  readonly email: string;
  /** Eight digits. */
  readonly phone: string;
  /** Eleven digits. A month from 81 to 92 marks invented people. <https://skatteetaten.github.io/folkeregisteret-api-dokumentasjon/test-for-konsumenter/> */
  readonly personnummer: string;
}

const GIVEN_NAMES = ["Åse", "Bjørn", "Sæbjørg", "Øyvind", "Håkon", "Kåre", "Ingrid", "Jonas"];
/** How family names begin: in plain letters, and nowhere else in this project, so that even a mangled rest is found. */
export const NAME_STEMS = ["qvernsk", "zakkfj", "wexholm", "tjuvhau", "grudholm", "bekkqv"];
const NAME_ENDINGS = ["åsen", "sæter", "bø", "nes", "øyen", "vik", "dåtter", ""];
/** Where all their e-mail goes. */
export const EMAIL_DOMAIN = "folk.example";

/** Invents people one after another, no two with the same numbers. */
export function* inventPeople(random: Random): Generator<Person, never> {
  for (let number = 0;; number++) {
    const given = pick(random, GIVEN_NAMES);
    const stem = pick(random, NAME_STEMS);
    const family = stem[0]!.toUpperCase() + stem.slice(1) + pick(random, NAME_ENDINGS);
    const day = String(1 + random(28)).padStart(2, "0");
    const month = String(81 + random(12));
    const serial = String(number).padStart(5, "0");
    yield {
      name: `${given} ${family}`,
      email: `${stem}.${serial}@${EMAIL_DOMAIN}`,
      phone: `${pick(random, ["4", "9"])}${String(random(100)).padStart(2, "0")}${serial}`,
      personnummer: `${day}${month}${String(random(100)).padStart(2, "0")}${serial}`,
    };
  }
}

/** A person as somebody might put them into a field that is meant for something else. */
export function mention(random: Random, person: Person): string {
  const { name, email, phone, personnummer } = person;
  const spaced = `+47 ${phone.slice(0, 3)} ${phone.slice(3, 5)} ${phone.slice(5)}`;
  return pick(random, [
    name,
    email,
    phone,
    spaced,
    personnummer,
    `${personnummer.slice(0, 6)} ${personnummer.slice(6)}`,
    name.split(" ")[1] ?? name,
    name.toUpperCase(),
    encodeURIComponent(name),
    `The record of ${name} <${email}>, ${spaced}, ${personnummer}, cannot be changed`,
  ]);
}
