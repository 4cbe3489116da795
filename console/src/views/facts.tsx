/** A list of facts; one that is null is left out. */
export type Fact = readonly [term: string, value: string | null];

export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts.map(([term, value]) =>
        value !== null && (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        )
      )}
    </dl>
  );
}
