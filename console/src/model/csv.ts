/** A cell; numbers are written as they are. */
export type Cell = string | number | null;

/**
 * A text that a spreadsheet would take for a formula gets an apostrophe in front, so that a name can
 * never make the reader's machine do something.
 * <https://owasp.org/www-community/attacks/CSV_Injection>
 */
function guarded(text: string): string {
  return /^[\s]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
}

function cell(value: Cell): string {
  if (value === null) return "";
  const text = typeof value === "number" ? String(value) : guarded(value);
  return /[";\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Rows as a file that a Norwegian spreadsheet opens by itself: semicolons, because the comma is the
 * decimal sign there, and a byte order mark, without which æ, ø and å would be garbled.
 */
export function toCsv(rows: readonly (readonly Cell[])[]): string {
  return "\ufeff" + rows.map((row) => row.map(cell).join(";") + "\r\n").join("");
}
