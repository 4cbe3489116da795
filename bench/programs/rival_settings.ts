/** How the rivals are tuned; the report shows it. Tried beside others in the same run, these were the fastest. */

/**
 * `localQueue` fetches jobs in batches ahead of need, `completeJobBatchDelay` reports them in batches.
 * <https://worker.graphile.org/docs/performance#batching>
 */
export const GRAPHILE_SETTINGS = {
  concurrentJobs: 50,
  maxPoolSize: 20,
  pollInterval: 500,
  localQueue: { size: 500 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
  useNodeTime: true,
};

/**
 * `localConcurrency` × `batchSize` jobs are in flight; a full batch is followed by the next at once, and NOTIFY wakes.
 * <https://pgboss.io/api/workers>
 */
export const PG_BOSS_SETTINGS = {
  max: 20,
  localConcurrency: 10,
  batchSize: 5,
  burstWhenBatchFull: true,
  pollingIntervalSeconds: 0.5,
  notify: true,
};
