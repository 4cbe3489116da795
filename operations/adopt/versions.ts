const SECOND = 1000;

/**
 * Versions for new migrations, in order, all after those that the app has. The Supabase CLI orders versions as text.
 *
 * @param taken Those of the app's migrations.
 * @returns null when one of the app's comes after whatever a timestamp can be; `after` names it
 */
export function nextVersions(
  taken: readonly string[],
  count: number,
  now: Date,
): { readonly versions: readonly string[] } | { readonly after: string } {
  const latest = taken.toSorted().at(-1) ?? "";
  let moment = now.getTime();
  const latestMoment = readVersion(latest);
  if (latestMoment !== null) moment = Math.max(moment, latestMoment + SECOND);
  const versions = Array.from({ length: count }, (_, place) => version(moment + place * SECOND));
  const [first] = versions;
  return first !== undefined && first <= latest ? { after: latest } : { versions };
}

function version(moment: number): string {
  return new Date(moment).toISOString().replaceAll(/[-:T]/g, "").slice(0, 14);
}

/** The moment that a version of 14 digits stands for; null when there is none such. */
function readVersion(text: string): number | null {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return null;
  const [year = 0, month = 0, day, hour, minute, second] = parts;
  const moment = Date.UTC(year, month - 1, day, hour, minute, second);
  return moment < Date.UTC(9000, 0) ? moment : null;
}
