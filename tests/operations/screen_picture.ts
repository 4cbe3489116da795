const LINE_HEIGHT = 19;
const CHARACTER_WIDTH = 8.43;
const MARGIN = 18;

/** A picture of a terminal with some lines on it. */
export function renderScreen(lines: readonly string[]): string {
  const longest = Math.max(...lines.map((line) => line.length));
  const width = Math.ceil(longest * CHARACTER_WIDTH) + 2 * MARGIN;
  const height = lines.length * LINE_HEIGHT + 2 * MARGIN;
  const texts = lines.map((line, index) => {
    const y = MARGIN + 14 + index * LINE_HEIGHT;
    const colour = line.startsWith("$ ") ? "#7ee787" : "#e6edf3";
    return `  <text x="${MARGIN}" y="${y}" fill="${colour}">${escapeXml(line)}</text>\n`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" xml:space="preserve">\n` +
    `  <rect width="100%" height="100%" rx="8" fill="#0d1117"/>\n${texts.join("")}</svg>\n`;
}

/** The lines of a picture. */
export function readScreen(svg: string): string[] {
  return [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) =>
    (text ?? "").replaceAll("&lt;", "<").replaceAll("&amp;", "&")
  );
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
