import { useSignal } from "@preact/signals";
import { useWords } from "./context.ts";

interface CopyButtonProps {
  readonly label: string;
  /** What is copied, to be pasted elsewhere. */
  readonly text: () => string;
  /** What is said then. */
  readonly copied: string;
}

export function CopyButton({ label, text, copied }: CopyButtonProps) {
  const { app: words } = useWords();
  const said = useSignal("");
  async function copy() {
    try {
      await navigator.clipboard.writeText(text());
      said.value = copied;
    } catch {
      said.value = words.notCopied;
    }
  }
  return (
    <>
      <button type="button" class="secondary" onClick={() => void copy()}>{label}</button>
      <span role="status" class="muted">{said.value}</span>
    </>
  );
}
