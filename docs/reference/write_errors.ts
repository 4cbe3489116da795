import { describeFailureClasses } from "../../supabase/functions/_shared/dataverse/failure_class_reference.ts";

Deno.writeTextFileSync(new URL("errors.md", import.meta.url), describeFailureClasses());
