/** The fleet as it was deployed: one object, checked against the hash that the deployment knows. */
import { createHash } from 'node:crypto';
import { s3Blobs } from '../../adapters/aws/s3-blobs.ts';
import type { Environment } from '../../contract/environment.ts';
import type { Fleet } from '../../contract/fleet.ts';
import { ProblemError } from '../../contract/problem.ts';

/** Byte for byte what was deployed, its topic the stack's own. Throws ProblemError `nolapse:fleet-missing`, `nolapse:fleet-changed`. */
export async function deployedFleet({ fleet, topicArn }: Pick<Environment, 'fleet' | 'topicArn'>): Promise<Fleet> {
  const { bucket, key, sha256 } = fleet;
  const wrong = (type: string, what: string): ProblemError =>
    new ProblemError({ type, detail: `s3://${bucket}/${key}: ${what}`, retry: 'never', fix: 'deploy again' });
  const blobs = s3Blobs({ bucket });
  try {
    const bytes = await blobs.read(key);
    if (!bytes) throw wrong('nolapse:fleet-missing', 'the fleet that was deployed is not there');
    const found = createHash('sha256').update(bytes).digest('hex');
    if (found !== sha256) throw wrong('nolapse:fleet-changed', `it hashes to ${found}, not to ${sha256} as deployed`);
    const read = JSON.parse(Buffer.from(bytes).toString('utf8')) as Fleet;
    return topicArn ? { ...read, notifications: { ...read.notifications, sns: { topicArn } } } : read;
  } finally {
    blobs.close();
  }
}
