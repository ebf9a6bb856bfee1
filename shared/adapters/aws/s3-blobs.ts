/** Blobs as objects of one bucket, whose own settings say how they are encrypted and how long old versions are kept. */
import { createHash } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Blobs } from '../../contract/ports.ts';
import { awsCode } from './aws-problem.ts';
import { awsStateProblem } from './aws-state-problem.ts';
import { TIME_OUTS } from './time-outs.ts';

/** S3's own limit for a key is 1,024 bytes. */
const LONGEST_NAME = 900;

/** A URL knows no segment that is only dots, and takes none for a name. */
const segmentOf = (text: string): string =>
  /^\.{1,2}$/.test(text) ? text.replaceAll('.', '%2E') : encodeURIComponent(text);

/** One key, one object: `snapshots/prod-eu` is called so; what S3 or a URL would read otherwise is percent-encoded. Never too long. */
export function objectNameOf(key: string): string {
  const name = key.split('/').map(segmentOf).join('/');
  if (name !== '' && name.length <= LONGEST_NAME) return name;
  return `${name.slice(0, LONGEST_NAME - 65)}%${createHash('sha256').update(key).digest('hex')}`;
}

/** A page is shown where it is opened; without a type it would be a download. */
const typeOf = (key: string) => (key.endsWith('.html') ? { ContentType: 'text/html; charset=utf-8' } : {});

/**
 * Blobs in `bucket`. Reading needs ListBucket beside GetObject: without it S3 denies what is not there. An endpoint that is an address
 * (AWS_ENDPOINT_URL=http://127.0.0.1:…) is asked path-style by the SDK itself.
 * Throws ProblemError `nolapse:state-unreachable` (retry later) or `nolapse:state-unwritable` (never).
 */
export function s3Blobs({ bucket }: { readonly bucket: string }): Blobs & { close(): void } {
  const client = new S3Client({ requestHandler: TIME_OUTS });
  const where = `bucket ${bucket}`;
  return {
    async read(key) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: objectNameOf(key) }));
        return await Body?.transformToByteArray();
      } catch (error) {
        if (awsCode(error) === 'NoSuchKey') return undefined;
        throw awsStateProblem(error, where, `reading ${key}`);
      }
    },
    async write(key, body) {
      try {
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: objectNameOf(key), Body: body, ...typeOf(key) }));
      } catch (error) {
        throw awsStateProblem(error, where, `writing ${key}`);
      }
    },
    close: () => client.destroy(),
  };
}
