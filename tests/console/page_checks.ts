/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { assertEquals } from "@std/assert";
import axe from "axe-core";

/** What is enough of a page to look at it, whichever program drives its browser. */
export interface AnyPage {
  evaluate<T>(look: string | (() => T | Promise<T>)): Promise<T>;
}

/** Fails where a view cannot be read or pressed as it should be, however narrow its window. */
export async function assertInOrder(page: AnyPage, what: string): Promise<void> {
  await assertFits(page, what);
  assertEquals(await brokenNumbers(page), [], `numbers are broken in ${what}`);
  assertEquals(await emptyLinks(page), [], `links have no name in ${what}`);
  await assertAccessible(page, what);
}

/** Fails with every violation of the WCAG rules, up to level AA, and of axe's best practices. */
export async function assertAccessible(page: AnyPage, what: string): Promise<void> {
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, help, nodes }) =>
      `${id}: ${help}\n${
        nodes.map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary}`).join("\n")
      }`
    );
  });
  assertEquals(violations, [], `axe found violations in ${what}`);
}

/** Fails when the page can be scrolled sideways. */
export async function assertFits(page: AnyPage, what: string): Promise<void> {
  const [content, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  const culprits = content === window
    ? []
    : await page.evaluate(() =>
      [...document.querySelectorAll("body *")]
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
        .map((element) => element.outerHTML.slice(0, 120))
    );
  assertEquals(culprits, [], `${what} is wider than the window`);
  assertEquals(content, window, `${what} is wider than the window`);
}

/** Fails where two words stand apart for the eye alone: read aloud, copied or printed as text they would be one. */
export async function assertSpaced(page: AnyPage, what: string): Promise<void> {
  const run = await page.evaluate(() => {
    /** The element in which a text flows on from the one before it. */
    const flowOf = (text: Node) => {
      let element = text.parentElement;
      while (element !== null && /^(inline|contents)/.test(getComputedStyle(element).display)) {
        element = element.parentElement;
      }
      return element;
    };
    const found: string[] = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let before = null;
    for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
      if (!text.parentElement?.checkVisibility() || text.textContent === "") continue;
      const isApart = before === null || before.parentElement === text.parentElement ||
        flowOf(before) !== flowOf(text);
      const isOneWord = /[\p{L}\p{N}]$/u.test(before?.textContent ?? "") &&
        /^[\p{L}\p{N}]/u.test(text.textContent ?? "");
      if (!isApart && isOneWord) found.push(`${before?.textContent}${text.textContent}`);
      before = text;
    }
    return found;
  });
  assertEquals(run, [], `words run together in ${what}`);
}

/** Numbers that are drawn on more than one line, or cut off. */
function brokenNumbers(page: AnyPage): Promise<string[]> {
  return page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const broken: string[] = [];
    while (walker.nextNode()) {
      const text = walker.currentNode.textContent ?? "";
      for (const match of text.matchAll(/\d[\d\u00a0.]*\d/g)) {
        const range = document.createRange();
        range.setStart(walker.currentNode, match.index);
        range.setEnd(walker.currentNode, match.index + match[0].length);
        const rects = [...range.getClientRects()].filter(({ width }) => width > 0);
        const isInName = walker.currentNode.parentElement?.closest("bdi, .facts") !== null;
        if (!isInName && new Set(rects.map(({ top }) => Math.round(top))).size > 1) {
          broken.push(text);
        }
      }
    }
    return broken;
  });
}

/** Links and buttons with nothing to press. */
function emptyLinks(page: AnyPage): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("main a, main button")]
      .filter((element) => element.textContent?.replace(/[\s\p{C}\u3164]/gu, "") === "")
      .map((element) => element.outerHTML)
  );
}
