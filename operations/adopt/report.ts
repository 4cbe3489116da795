import type { Plan } from "./plan.ts";

/** What was done, and what is left to do. */
export function describe(plan: Plan, release: string, isExample: boolean): string[] {
  if (plan.writes.length === 0) {
    return [
      `Nothing to do: the app has hlf-sync ${release}.`,
      ...plan.remarks.map((it) => `- ${it}`),
    ];
  }
  const written = plan.writes.map(({ path }) => `  ${path}`);
  const certifications = plan.hasCertifications
    ? []
    : ["The module on certifications is left out: the app reminds and expires by itself."];
  const steps = plan.isFirst
    ? [
      ...(isExample ? [`${plan.adapter} is the adapter of an example.`] : [
        `Fill in the adapter, ${plan.adapter}: nobody else does, and it is never written again.`,
      ]),
      "Apply the migrations (supabase db reset) and run the contract test (supabase test db).",
      "Then supabase db push, the function's settings (supabase secrets set), and supabase functions deploy hlf-sync --use-api.",
      "Put the three names into Vault. No organisation is switched on: nothing is sent yet.",
      "Look at the preview (deno task preview), and switch on: select hlf_sync.switch_on('<organisation>').",
    ]
    : [
      "Apply the migrations and run the contract test; then supabase db push, and only then",
      "supabase functions deploy hlf-sync --use-api.",
    ];
  return [
    "Written:",
    ...written,
    ...certifications,
    "Left to do:",
    ...[...plan.remarks, ...steps].map((step) => `- ${step}`),
  ];
}
