/** The metrics of the deployed service: the same names in functions, alarms and the runbook. Namespace `Nolapse`, dimension `service`. */
export const METRIC_NAMESPACE = 'Nolapse';

export const METRICS = {
  /** Count, one for each source read wholly. */
  inventoryDone: 'InventoryDone',
  /** Seconds since the oldest row became due that is still due; 0 = nothing is. Every minute. */
  oldestDue: 'OldestDueSeconds',
  /** Percent of its lifetime that the certificate nearest to its end has left; 100 = there is none. With the fleet's own inventory. */
  leastLifetime: 'LeastLifetimePercent',
  /** Subscriptions of the topic that are confirmed. With every pass of notify. */
  confirmedSubscriptions: 'ConfirmedSubscriptions',
  renewed: 'Renewed',
  delivered: 'Delivered',
  failed: 'Failed',
} as const;

export type MetricName = (typeof METRICS)[keyof typeof METRICS];
