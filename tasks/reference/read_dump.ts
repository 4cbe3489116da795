/** A function of the schema `public`. */
interface DatabaseFunction {
  readonly name: string;
  /** As in `page_size integer = 1000`. */
  readonly args: readonly string[];
  readonly result: string;
  /** The roles that may call it. */
  readonly roles: readonly string[];
  readonly comment: string;
  /** SQLSTATEs that it raises on purpose. */
  readonly errors: readonly string[];
}

/** A table or view of the schema `public`. */
interface DatabaseTable {
  readonly name: string;
  /** The roles that may read it. */
  readonly roles: readonly string[];
  /** The only columns that signed-in users may read; empty for all. */
  readonly columns: readonly string[];
  /** What of its rows signed-in users see, by the names of the policies. */
  readonly policies: readonly string[];
}

const plain = (text: string) =>
  text.replaceAll("timestamp with time zone", "timestamptz").replaceAll("public.", "");

const unique = (items: readonly string[]) => [...new Set(items)].sort();

/** Splits at commas that stand in no parentheses or quotes. */
function splitArguments(text: string): string[] {
  return (text.match(/(?:\([^)]*\)|'[^']*'|[^,])+/g) ?? []).map((part) => part.trim());
}

function describeArgument(text: string): string {
  return plain(text).replace(/ DEFAULT (.*?)(?:::[\w .[\]]+)?$/, " = $1");
}

/** The functions in a dump of a schema that can be called over REST. */
export function readFunctions(dump: string): DatabaseFunction[] {
  const bodies = new Map<string, string>();
  for (
    const [, name = "", body = ""] of dump.matchAll(
      /^CREATE FUNCTION ([\w.]+)\(([\s\S]*?)^\n?COMMENT/gm,
    )
  ) {
    bodies.set(name, body);
  }
  // A function of `public` calls one of `hlf_sync`, which may leave a check to a third. What is raised deeper is caught there.
  const errorsOf = (name: string, depth = 3): string[] => {
    const body = bodies.get(name);
    if (body === undefined || depth === 0) return [];
    return [
      ...[...body.matchAll(/errcode = '(\w+)'/gi)].map(([, state = ""]) => state),
      ...[...body.matchAll(/\b((?:hlf_sync|public)\.\w+)\(/g)]
        .flatMap(([, called = ""]) => errorsOf(called, depth - 1)),
    ];
  };
  const headers = dump.matchAll(/^CREATE FUNCTION public\.(\w+)\((.*)\) RETURNS (.*)$/gm);
  return [...headers].flatMap(([, name = "", args = "", result = ""]) => {
    const grants = dump.matchAll(
      new RegExp(`^GRANT ALL ON FUNCTION public\\.${name}\\(.* TO (\\w+);$`, "gm"),
    );
    const roles = [...grants].map(([, role = ""]) => role);
    if (roles.length === 0) return [];
    const [, comment = ""] =
      new RegExp(`^COMMENT ON FUNCTION public\\.${name}\\(.*\\) IS '(.*)';$`, "m").exec(dump) ?? [];
    return [{
      name,
      args: splitArguments(args).map(describeArgument),
      result: plain(result).replace(/^TABLE\((.*)\)$/, "rows of ($1)"),
      roles,
      comment: comment.replaceAll("''", "'"),
      errors: unique(errorsOf(`public.${name}`)),
    }];
  });
}

/** The tables and views in a dump of a schema that can be read over REST. */
export function readTables(dump: string): DatabaseTable[] {
  const grants = [
    ...dump.matchAll(/^GRANT SELECT(?:[A-Z,]*)(?:\((\w+)\))? ON TABLE public\.(\w+) TO (\w+);$/gm),
  ];
  return unique(grants.map(([, , name = ""]) => name)).map((name) => {
    const own = grants.filter(([, , of]) => of === name);
    const policies = dump.matchAll(
      new RegExp(`^CREATE POLICY "(.*)" ON public\\.${name} FOR SELECT TO authenticated`, "gm"),
    );
    return {
      name,
      roles: unique(own.map(([, , , role = ""]) => role)),
      columns: own.flatMap(([, column, , role]) =>
        column && role === "authenticated" ? [column] : []
      ),
      policies: [...policies].map(([, policy = ""]) => policy),
    };
  });
}
