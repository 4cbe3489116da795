const WIDEST = 40;

/** One line that says how far something is, never longer than `columns`. */
export function renderProgress(
  count: string,
  { done, total }: { readonly done: number; readonly total: number },
  columns: number,
): string {
  const width = Math.min(WIDEST, columns - count.length - 4);
  if (width < 5) return count.slice(0, Math.max(columns, 0));
  const filled = total === 0 ? width : Math.floor(width * Math.min(done / total, 1));
  return `[${"#".repeat(filled)}${".".repeat(width - filled)}] ${count}`;
}
