/** Side effects of a schedule that the invariants must allow for. */
export interface Played {
  /** Mentors whose listing was changed past the app, which only the night can find. */
  readonly touchedMentors: Set<string>;
  /** Faults by which Dynamics carries out a request after its sender has given it up. */
  readonly lateCommitFaults: Set<string>;
  /** Outages of pg_net or Vault that nobody was told of while they lasted. */
  readonly untoldOutages: string[];
  /** Where workers were killed and connections broken, in words. */
  readonly blows: string[];
}
