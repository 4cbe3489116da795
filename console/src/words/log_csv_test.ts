import { assertEquals } from "@std/assert";
import { parse } from "csv-parse/sync";
import { logCsv } from "./log_csv.ts";
import { Names } from "../model/names.ts";
import { attemptOf } from "../model/testing.ts";
import { nb } from "./nb.ts";

Deno.test("logCsv() writes a row for each attempt, with names and plain words", () => {
  const csv = logCsv(
    [
      attemptOf(),
      attemptOf({
        mentor_id: "00000000-0000-4000-8000-0000000000a2",
        operation: "remove",
        outcome: "dead_lettered",
        retry_count: 8,
        dynamics_response_code: null,
        error_message: "timeout code=0x1",
        triggered_by_event: "status_change:paused",
      }),
    ],
    new Names(
      new Map([[attemptOf().mentor_id, {
        id: attemptOf().mentor_id,
        full_name: "=Åse;",
        status: "active",
        certification_expiry_date: null,
      }]]),
      new Map(),
      new Date(),
    ),
    nb,
  );
  const [header, first, second] = parse(csv, { delimiter: ";", bom: true }) as string[][];
  assertEquals(header?.length, first?.length);
  assertEquals(first, [
    "2026-11-22 13:00:00",
    "'=Åse;",
    "00000000-0000-4000-8000-0000000000a1",
    "Skulle vises",
    "Bekreftet",
    "204",
    "0",
    "",
    "",
    "Ble aktiv i appen",
    "01a20664-0201-776f-bb45-14ea56a35836",
  ]);
  assertEquals(second?.slice(1, 10), [
    "Ikke lenger i organisasjonen (…00a2)",
    "00000000-0000-4000-8000-0000000000a2",
    "Skulle fjernes",
    "Gitt opp",
    "",
    "8",
    "timeout",
    "Vi fikk ikke kontakt med HLFs register",
    "Ble satt på pause i appen",
  ]);
});
