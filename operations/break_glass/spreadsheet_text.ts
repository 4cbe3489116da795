/** What a file turns out to be that is no text. */
export type NoText = "workbook" | "binary";

/** Beginnings of files that people take for lists: ZIP (xlsx, ods, numbers), OLE (xls), PDF. */
const WORKBOOKS: readonly (readonly number[])[] = [
  [0x50, 0x4b, 0x03, 0x04],
  [0xd0, 0xcf, 0x11, 0xe0],
  [0x25, 0x50, 0x44, 0x46],
];

/**
 * Reads a file as text, whatever a spreadsheet saved it as: UTF-8, UTF-16 of either order, with a
 * mark or without, or the one byte per letter of Windows. Lines end with a line feed afterwards.
 */
export function decodeSpreadsheet(bytes: Uint8Array): string | NoText {
  if (WORKBOOKS.some((magic) => magic.every((byte, index) => bytes[index] === byte))) {
    return "workbook";
  }
  const text = new TextDecoder(findEncoding(bytes)).decode(bytes);
  return text.includes("\0") ? "binary" : text.replace(/\r\n?/g, "\n");
}

function findEncoding(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  // Without a mark: the letters of a header have nothing in every other byte.
  if (second === 0 && first !== 0) return "utf-16le";
  if (first === 0 && second !== 0) return "utf-16be";
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return "utf-8";
  } catch {
    // Covers latin-1 too; only names have such letters, and nobody reads those.
    return "windows-1252";
  }
}
