import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type SealCheck, verifySeals } from "../api/seals.ts";
import { type LogFilter, writeFilter } from "../model/log_filter.ts";
import { describeDay } from "../words/describe.ts";
import { useView } from "./context.ts";
import { Icon } from "./icons.tsx";
import { Message } from "./message.tsx";
import { Support } from "./support.tsx";

/** Whether the log is as it was written. */
export function Seals({ filter }: { filter: LogFilter }) {
  const { app, words: { locale, log }, now } = useView();
  const check = useSignal<SealCheck | "checking" | "failed" | null>(null);

  useEffect(() => {
    check.value = null;
  }, [writeFilter(filter).toString()]);

  async function verify() {
    if (check.value === "checking") return;
    check.value = "checking";
    try {
      check.value = await verifySeals(app.client, filter.from, filter.to);
    } catch {
      check.value = "failed";
    }
  }

  return (
    <section class="card" aria-labelledby="seals">
      <h2 id="seals">{log.seals}</h2>
      <p>{log.sealsText}</p>
      <div role="status" class="result">
        {check.value === "failed" && <Message tone="bad">{log.verifyFailed}</Message>}
        {check.value !== null && typeof check.value === "object" && (
          <Message tone={check.value.isIntact ? "good" : "bad"}>
            {check.value.isIntact ? log.intact(check.value.checkedDays) : log.broken(
              describeDay(check.value.firstBadDay ?? filter.from, now, locale),
              log.sealReasons[check.value.reason ?? ""] ?? "",
            )}
            {!check.value.isIntact && <Support />}
          </Message>
        )}
      </div>
      <button
        type="button"
        class="secondary"
        aria-disabled={check.value === "checking"}
        onClick={() => void verify()}
      >
        <Icon name="shield" />
        {check.value === "checking" ? log.verifying : log.verify}
      </button>
    </section>
  );
}
