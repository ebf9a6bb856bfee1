/** Route 53's token buckets for an account: requests (50, 10 a second) and record changes (1,500, 100 a second). Time is an argument. */

interface Bucket {
  readonly burst: number;
  readonly perSecond: number;
  tokens: number;
  at: number;
}

export class Buckets {
  readonly #requests: Bucket;
  readonly #changes: Bucket;

  constructor(now: number) {
    this.#requests = { burst: 50, perSecond: 10, tokens: 50, at: now };
    this.#changes = { burst: 1_500, perSecond: 100, tokens: 1_500, at: now };
  }

  /** False = throttled, nothing taken. */
  takeRequest(now: number): boolean {
    return take(this.#requests, 1, now);
  }

  takeChanges(tokens: number, now: number): boolean {
    return take(this.#changes, tokens, now);
  }
}

function take(bucket: Bucket, wanted: number, now: number): boolean {
  bucket.tokens = Math.min(bucket.burst, bucket.tokens + ((now - bucket.at) / 1_000) * bucket.perSecond);
  bucket.at = now;
  if (bucket.tokens < wanted) return false;
  bucket.tokens -= wanted;
  return true;
}
