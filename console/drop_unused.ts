import { type AnyNode, parse, type Token } from "acorn";
import { full } from "acorn-walk";

/** A piece of a script. */
interface Piece {
  readonly start: number;
  readonly end: number;
}

/** What a class or an object offers under a name. */
interface Member extends Piece {
  readonly name: string;
}

/** Called by the language itself, so that no script has to mention them. */
const CALLED_BY_THE_LANGUAGE = new Set([
  "next",
  "return",
  "throw",
  "then",
  "toJSON",
  "toString",
  "valueOf",
  "handleEvent",
]);

/**
 * A script without what its classes offer and nobody asks for. No bundler can tell that of a method, and most of a
 * library that is one class would travel for nothing. A name counts as asked for wherever it stands in the script, be it in
 * a text, so that only names put together from pieces would be missed.
 */
export function dropUnmentioned(script: string): string {
  for (let before = "", now = script;; before = now, now = dropOnce(now)) {
    if (now === before) return now;
  }
}

/**
 * A script in which these classes, functions and methods have nothing in them: what a library mentions and the page never
 * comes to.
 *
 * @throws {Error} when there is not just one of each
 */
export function empty(script: string, names: readonly string[]): string {
  const bodies = new Map<string, Piece[]>(names.map((name) => [name, []]));
  full(read(script).program, (node) => {
    for (const name of names) {
      const body = bodyOf(node, name);
      if (body !== null) bodies.get(name)?.push(body);
    }
  });
  for (const [name, { length }] of bodies) {
    if (length !== 1) throw new Error(`Cannot empty ${name}: it is there ${length} times`);
  }
  return [...bodies.values()].flat()
    .toSorted((a, b) => b.start - a.start)
    .reduce((rest, { start, end }) => `${rest.slice(0, start)}{}${rest.slice(end)}`, script);
}

function bodyOf(node: AnyNode, name: string): Piece | null {
  switch (node.type) {
    case "ClassDeclaration":
    case "FunctionDeclaration":
      return node.id?.name === name ? node.body : null;
    case "VariableDeclarator": {
      const isNamed = node.id.type === "Identifier" && node.id.name === name;
      return isNamed && node.init?.type === "ClassExpression" ? node.init.body : null;
    }
    case "MethodDefinition":
      return node.key.type === "Identifier" && node.key.name === name ? node.value.body : null;
    default:
      return null;
  }
}

function dropOnce(script: string): string {
  const { program, mentions } = read(script);
  const members = new Map<string, Member[]>();
  full(program, (node) => {
    const member = memberOf(node, script);
    if (member === null) return;
    const others = members.get(member.name) ?? [];
    members.set(member.name, [...others, member]);
  });
  return [...members.values()].flat()
    .filter(({ name }) => !CALLED_BY_THE_LANGUAGE.has(name))
    .filter(({ name }) => {
      const own = members.get(name) ?? [];
      return (mentions.get(name) ?? []).every((at) => own.some((piece) => isWithin(piece, at)));
    })
    .toSorted((a, b) => b.start - a.start || a.end - b.end)
    // One within another is gone with it, or with the next look.
    .filter((piece, index, all) => index === 0 || piece.end <= (all[index - 1]?.start ?? 0))
    .reduce((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), script);
}

/** A method, or an entry `name: this.method.bind(this)`, which does nothing unless it is called. */
function memberOf(node: AnyNode, script: string): Member | null {
  if (node.type === "MethodDefinition") {
    const { key, start, end } = node;
    const isNamed = !node.computed && node.kind !== "constructor" && key.type === "Identifier";
    return isNamed ? { name: key.name, start, end } : null;
  }
  if (node.type !== "Property" || node.computed || node.key.type !== "Identifier") return null;
  const { key: { name }, value, start, end } = node;
  const isBound = /^this\.\w+\.bind\(this\)$/.test(script.slice(value.start, value.end));
  const comma = /^\s*,/.exec(script.slice(end))?.[0].length ?? 0;
  return isBound ? { name, start, end: end + comma } : null;
}

function isWithin({ start, end }: Piece, at: number): boolean {
  return start <= at && at < end;
}

/** A script, and where in it each word stands: as a name, as a keyword or as a whole text. */
function read(script: string) {
  const mentions = new Map<string, number[]>();
  const onToken = ({ value, start }: Token & { value?: unknown }) => {
    if (typeof value !== "string") return;
    const known = mentions.get(value);
    if (known === undefined) mentions.set(value, [start]);
    else known.push(start);
  };
  const program = parse(script, { ecmaVersion: "latest", sourceType: "module", onToken });
  return { program, mentions };
}
