import { TESTS } from "./host_files.ts";
import type { Plan } from "./plan.ts";

/** What was done, and what is left to do. */
export function describe(plan: Plan, release: string, isExample: boolean): string[] {
  if (plan.writes.length === 0 && plan.removals.length === 0) {
    return [
      `Nothing to do: the app has hlf-sync ${release}.`,
      ...plan.remarks.map((it) => `- ${it}`),
    ];
  }
  const isTest = (path: string) => path.startsWith(`${TESTS}/`);
  const paths = plan.writes.map(({ path }) => path);
  const testCount = paths.filter(isTest).length;
  const steps = plan.isFirst
    ? [
      ...(isExample ? [`${plan.adapter} is the adapter of an example.`] : [
        `Fill in the adapter, ${plan.adapter}: nobody else does, and it is never written again.`,
      ]),
      "Apply the migrations (supabase db reset) and run the tests, the contract test among them (supabase test db).",
      "Then supabase db push, the function's settings (supabase secrets set), and supabase functions deploy hlf-sync --use-api.",
      "Put the three names into Vault. No organisation is switched on: nothing is sent yet.",
      "Look at the preview (deno task preview), and switch on: select hlf_sync.switch_on('<organisation>').",
    ]
    : [
      ...(plan.isNewlyCertified
        ? [
          "A migration of yours has to replace the view hlf_sync.certificates, unless the adapter does: until then the module knows " +
          "of no certificate. Whatever in the app reminds of them has to stop.",
        ]
        : []),
      "Apply the migrations and run the tests; then supabase db push, and only then",
      "supabase functions deploy hlf-sync --use-api.",
    ];
  return [
    "Written:",
    ...paths.filter((path) => !isTest(path)).map((path) => `  ${path}`),
    ...(testCount > 0 ? [`  ${TESTS}/, hlf-sync's own tests: ${testCount} files`] : []),
    ...plan.removals.map((path) => `Removed, as hlf-sync has it no more: ${path}`),
    ...describeCertifications(plan),
    "Left to do:",
    ...[...plan.remarks, ...steps].map((step) => `- ${step}`),
  ];
}

function describeCertifications(plan: Plan): string[] {
  if (!plan.hasCertifications) {
    return ["The module on certifications is left out: the app reminds and expires by itself."];
  }
  return plan.isNewlyCertified
    ? ["The module on certifications, which was left out before, is added."]
    : [];
}
