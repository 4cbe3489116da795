import { parseArgs } from "node:util";
import { StackError } from "../../stack/machine/errors.ts";

/** Which schedules to play, and on how many worlds at once. */
interface ChaosArguments {
  readonly seeds: readonly number[];
  readonly lanes: number;
}

/**
 * `--schedules 200 --from 1 --lanes 4`, or `--seed N` for one; `--daily 50` plays as many more whose seeds are of today's date, in
 * UTC, so that those who run it each day do not see the same for ever.
 *
 * @throws {StackError} `bad_setting`
 */
export function parseChaosArguments(
  args: readonly string[],
  today: Date = new Date(),
): ChaosArguments {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        schedules: { type: "string", default: "200" },
        from: { type: "string", default: "1" },
        lanes: { type: "string", default: "4" },
        daily: { type: "string" },
        seed: { type: "string" },
      },
    }));
  } catch (error) {
    throw new StackError(error instanceof Error ? error.message : String(error), "bad_setting");
  }
  const from = wholeNumber("seed", values.seed ?? values.from);
  const count = values.seed === undefined ? wholeNumber("schedules", values.schedules) : 1;
  const daily = values.daily === undefined ? 0 : wholeNumber("daily", values.daily);
  const ofToday = Number(today.toISOString().slice(2, 10).replaceAll("-", "")) * 1000;
  return {
    seeds: [
      ...Array.from({ length: count }, (_, index) => from + index),
      ...Array.from({ length: daily }, (_, index) => ofToday + index),
    ],
    lanes: wholeNumber("lanes", values.lanes),
  };
}

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new StackError(`--${name} must be a whole number from 1, not "${text}"`, "bad_setting");
}
