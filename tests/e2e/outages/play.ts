import { untilSilence } from "../../../stack/silence.ts";
import type { DocumentedOutage } from "./documented_outages.ts";
import type { Outage } from "./outage.ts";
import type { Diagnosis, OutageDoctor } from "./outage_doctor.ts";
import type { Stage } from "./stage.ts";

/** What came of an outage, in minutes since it began; null for what did not come. */
interface Played {
  readonly open: number | null;
  readonly delivered: number | null;
  readonly silence: number | null;
  /** Since the cause was gone. */
  readonly over: number | null;
  /** What the doctor finds wrong or cannot check at the outage's height, and once it is over. */
  readonly diagnosis: Diagnosis;
  readonly diagnosisAfterwards: Diagnosis;
  /** Alerts that were opened, and messages that told of one, by kind. */
  readonly opened: Readonly<Record<string, number>>;
  readonly told: Readonly<Record<string, number>>;
}

/** So many rounds an outage goes on after everything was told: nothing may come and go meanwhile. */
const ROUNDS_AFTER = 4;
/** So many rounds more than documented are played before it is given up. */
const PATIENCE = 2;

/** Plays an outage from everything being well to everything being well again. */
export async function play(
  stage: Stage,
  doctor: OutageDoctor,
  outage: Outage,
  expected: DocumentedOutage,
): Promise<Played> {
  const { messages } = stage.stack;
  await stage.clear();
  const firstMessage = messages.texts.length;
  let open: number | null = null;
  let delivered: number | null = null;
  let silence: number | null = null;
  const isComplete = () =>
    (expected.open === null || open !== null) &&
    (expected.delivered === null || delivered !== null) &&
    (expected.silence === null || silence !== null);
  const lastMinute = Math.max(
    expected.open ?? 0,
    expected.delivered ?? 0,
    expected.silence ?? 0,
  ) + PATIENCE;

  const end = await outage.begin(stage);
  await untilSilence(stage.stack);
  for (let minute = 0, after = 0; minute <= lastMinute || isComplete(); minute++) {
    const beats = messages.beats;
    if (minute > 0) {
      await stage.round();
      if (messages.beats === beats) silence ??= minute;
    }
    if (expected.alert !== null) {
      if ((await openKinds(stage)).includes(expected.alert)) open ??= minute;
      if (textsOf(messages.texts.slice(firstMessage)).includes(expected.alert)) {
        delivered ??= minute;
      }
    }
    if (isComplete() && ++after > ROUNDS_AFTER) break;
  }

  const diagnosis = await doctor.look();
  await end();
  await untilSilence(stage.stack);
  let over: number | null = null;
  for (let minute = 1; over === null && minute <= expected.over + PATIENCE; minute++) {
    await stage.round();
    if ((await openKinds(stage)).length === 0) over = minute;
  }
  const diagnosisAfterwards = await doctor.look();
  const opened = await stage.stack.sql<{ kind: string }>("select kind from public.hlf_sync_alerts");
  return {
    open,
    delivered,
    silence,
    over,
    diagnosis,
    diagnosisAfterwards,
    opened: countEach(opened.map(({ kind }) => kind)),
    told: countEach(textsOf(messages.texts.slice(firstMessage))),
  };
}

async function openKinds(stage: Stage): Promise<string[]> {
  const alerts = await stage.stack.sql<{ kind: string }>(
    "select kind from public.hlf_sync_alerts where closed_at is null",
  );
  return alerts.map(({ kind }) => kind);
}

/** Kinds of the alerts that messages tell of. */
function textsOf(texts: readonly string[]): string[] {
  return texts.flatMap((text) => text.match(/^hlf-sync alert: ([a-z_]+)/)?.[1] ?? []);
}

function countEach(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

/** Where an outage is worse than documented; empty when it is not. */
export function complaints(played: Played, expected: DocumentedOutage): string[] {
  const found: string[] = [];
  const compare = (what: string, measured: number | null, documented: number | null) => {
    if (documented === null) return;
    if (measured === null) found.push(`${what}: never, documented ${documented}`);
    else if (measured > documented) found.push(`${what}: ${measured}, documented ${documented}`);
  };
  compare("minutes until the row is open", played.open, expected.open);
  compare("minutes until it is delivered", played.delivered, expected.delivered);
  compare("minutes until the heartbeat stays away", played.silence, expected.silence);
  compare("minutes until it is over", played.over, expected.over);
  if (expected.silence === null && played.silence !== null) {
    found.push(`the heartbeat stayed away after ${played.silence}`);
  }
  if (expected.alert === null && Object.keys(played.opened).length > 0) {
    found.push(`alerts where nothing is to be done: ${Object.keys(played.opened)}`);
  }
  const unseen = expected.seenBy.filter((name) => !played.diagnosis.named.includes(name));
  if (unseen.length > 0) {
    found.push(`the doctor does not see it by ${unseen}:\n${played.diagnosis.text}`);
  }
  if (expected.seenBy.length === 0 && played.diagnosis.named.length > 0) {
    found.push(`the doctor sees more than documented:\n${played.diagnosis.text}`);
  }
  if (played.diagnosisAfterwards.named.length > 0) {
    found.push(`the doctor is not content afterwards:\n${played.diagnosisAfterwards.text}`);
  }
  for (const [kind, count] of Object.entries(played.opened)) {
    if (count > 1) found.push(`${kind} was opened ${count} times`);
  }
  for (const [kind, count] of Object.entries(played.told)) {
    if (count > 1) found.push(`${kind} was told ${count} times`);
  }
  return found;
}
