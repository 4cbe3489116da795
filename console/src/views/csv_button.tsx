import { effect, useSignal } from "@preact/signals";
import { readWholeLog } from "../api/log.ts";
import type { Live } from "../live/live.ts";
import { logCsv } from "../words/log_csv.ts";
import type { LogFilter } from "../model/log_filter.ts";
import type { Attempt } from "../model/rows.ts";
import { useView, useWorkplace } from "./context.ts";
import { Icon } from "./icons.tsx";

type Download =
  | { readonly kind: "idle" | "failed" | "names" }
  | { readonly kind: "reading" | "done"; readonly count: number };

function isBusy({ kind }: Download): boolean {
  return kind === "names" || kind === "reading";
}

/** So long the names are waited for. */
const NAMES_MS = 60_000;

function namesAreRead({ mentors }: Live): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop();
      reject(new Error("The names were not read"));
    }, NAMES_MS);
    const stop = effect(() => {
      if (mentors.value === null) return;
      clearTimeout(timer);
      resolve();
      // Not from within the effect that is being made.
      queueMicrotask(() => stop());
    });
  });
}

/** Downloads all rows under the filter, not only those on the page. */
export function CsvButton({ filter }: { filter: LogFilter }) {
  const { app, words } = useView();
  const { live, organisation } = useWorkplace();
  const download = useSignal<Download>({ kind: "idle" });

  async function start() {
    if (isBusy(download.value)) return;
    try {
      // A file that calls people «Henter navn» would look complete.
      download.value = { kind: "names" };
      await namesAreRead(live);
      const attempts: Attempt[] = [];
      download.value = { kind: "reading", count: 0 };
      for await (const page of readWholeLog(app.client, organisation.id, filter)) {
        attempts.push(...page);
        download.value = { kind: "reading", count: attempts.length };
      }
      save(
        logCsv(attempts, live.names.value, words),
        words.log.csvName(filter.from, filter.to),
      );
      download.value = { kind: "done", count: attempts.length };
    } catch {
      download.value = { kind: "failed" };
    }
  }

  const state = download.value;
  return (
    <div class="csv">
      <span role="status" class="muted">
        {state.kind === "names" && words.log.csvNames}
        {state.kind === "reading" && words.log.csvBusy(state.count)}
        {state.kind === "done" && words.log.csvDone(state.count)}
        {state.kind === "failed" && words.log.csvFailed}
      </span>
      <button
        type="button"
        class="secondary"
        aria-disabled={isBusy(state)}
        onClick={() => void start()}
      >
        <Icon name="download" />
        {words.log.csv}
      </button>
    </div>
  );
}

/** Long enough for any browser to have taken hold of the file. */
const RELEASE_MS = 60_000;

function save(text: string, name: string) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), RELEASE_MS);
}
