/** What infra has made, as ARNs that policies name. */

/** What the service is made of, as ARNs. Opaque: they may be tokens, and are only ever put together, never taken apart. */
export interface Resources {
  readonly partition: string;
  /** Of the service itself. */
  readonly region: string;
  readonly account: string;
  /** The table of the rows; its indexes are `<table>/index/due` and `<table>/index/list`. */
  readonly table: string;
  /** Customer key that table and blobs are encrypted with. */
  readonly stateKey: string;
  /** The bucket of the blobs. */
  readonly bucket: string;
  /** By what they feed: a queued function, or `<function>@<reach>`. */
  readonly queues: Readonly<Record<string, string>>;
  readonly attemptKey: string;
  readonly accountKey: string;
  readonly topic: string;
  /** Customer key that the topic is encrypted with. */
  readonly topicKey: string;
  readonly bus: string;
}
