/** A source of numbers in `[0, 1)`, such as `Math.random`. */
export type Random = () => number;

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether the text has the shape of a guid, in any case and of any version. */
export function isGuid(text: string): boolean {
  return GUID.test(text);
}

/** A version 4 guid from the given randomness, so that a test can foresee it. */
export function createGuid(random: Random): string {
  const digits = hex(random) + hex(random) + hex(random) + hex(random);
  const variant = (8 + Math.floor(random() * 4)).toString(16);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-` +
    `${variant}${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}

function hex(random: Random): string {
  return Math.floor(random() * 0x1_0000_0000).toString(16).padStart(8, "0");
}
