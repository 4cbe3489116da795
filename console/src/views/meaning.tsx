import { useView } from "./context.ts";

/** What «confirmed» means for the public page. */
export function Meaning() {
  const { words: { meaning }, lagMinutes } = useView();
  return (
    <section class="card" aria-labelledby="meaning">
      <h2 id="meaning">{meaning.title}</h2>
      <p>{meaning.text}</p>
      <p>{meaning.lag(lagMinutes)}</p>
    </section>
  );
}
