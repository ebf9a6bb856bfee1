/** The DynamoDB table of the rows, for whoever makes it and whoever reads it. No attribute is one of DynamoDB's reserved words. */
export const TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Sparse; KEYS_ONLY. All keys are strings. */
  indexes: {
    due: { name: 'due', partitionKey: 'lane', sortKey: 'wakeAt' },
    /** `ord` is the row's order after one character: an index has no room for an empty key. */
    list: { name: 'list', partitionKey: 'kind', sortKey: 'ord' },
  },
  /** Epoch seconds; the table's time to live. */
  timeToLive: 'forgetAt',
} as const;
