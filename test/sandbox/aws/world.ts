/** The part `aws` in this process, before the zones of a part `dns`, and the settings by which the stock SDK finds it. */
import { afterAll, beforeAll } from 'vitest';
import { startAws } from '../../../sandbox/aws/server.ts';
import { startDns } from '../../../sandbox/dns/server.ts';

export interface AwsWorld {
  /** Origin of the one endpoint. */
  url(): string;
  /** What a client is made of. */
  settings(): {
    readonly endpoint: string;
    readonly region: string;
    readonly maxAttempts: number;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
}

/** Starts both parts before the tests of the file that calls it and ends them after. */
export function awsWorld(): AwsWorld {
  let dns: Awaited<ReturnType<typeof startDns>>;
  let aws: Awaited<ReturnType<typeof startAws>>;

  beforeAll(async () => {
    dns = await startDns({ zones: [{ id: 'Z1', name: 'example.com' }], insync: { minMs: 0, maxMs: 0 } });
    aws = await startAws({ route53: dns.ready.url });
  });

  afterAll(async () => {
    await aws.close();
    await dns.close();
  });

  return {
    url: () => aws.ready.url,
    settings: () => ({
      endpoint: aws.ready.url,
      region: 'eu-west-1',
      maxAttempts: 1,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    }),
  };
}
