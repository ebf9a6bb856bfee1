/** Route 53's token buckets for an account: requests (50, 10 a second) and record changes (1,500, 100 a second). Time is an argument. */

/** Kept as the instant at which it is full again, so that nothing is lost to rounding. */
interface Bucket {
  readonly burst: number;
  readonly msPerToken: number;
  fullAt: number;
}

export class Buckets {
  readonly #requests: Bucket = { burst: 50, msPerToken: 100, fullAt: 0 };
  readonly #changes: Bucket = { burst: 1_500, msPerToken: 10, fullAt: 0 };

  /** False = throttled, nothing taken. `now` in milliseconds since the epoch. */
  takeRequest(now: number): boolean {
    return take(this.#requests, 1, now);
  }

  takeChanges(tokens: number, now: number): boolean {
    return take(this.#changes, tokens, now);
  }
}

function take(bucket: Bucket, tokens: number, now: number): boolean {
  const fullAt = Math.max(bucket.fullAt, now) + tokens * bucket.msPerToken;
  if (fullAt - now > bucket.burst * bucket.msPerToken) return false;
  bucket.fullAt = fullAt;
  return true;
}
