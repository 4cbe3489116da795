import { useApp, useWords } from "./context.ts";

/** What «confirmed» means for the public page. */
export function Meaning() {
  const { meaning } = useWords();
  const { websiteLagMinutes } = useApp().settings;
  return (
    <section class="card" aria-labelledby="meaning">
      <h2 id="meaning">{meaning.title}</h2>
      <p>{meaning.text}</p>
      <p>{meaning.lag(websiteLagMinutes)}</p>
    </section>
  );
}
