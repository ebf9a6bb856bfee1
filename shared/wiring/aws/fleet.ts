/** The fleet as it was deployed: a file of the functions' layer, checked against the hash that the deployment knows. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Environment } from '../../contract/environment.ts';
import type { Fleet } from '../../contract/fleet.ts';
import { ProblemError } from '../../contract/problem.ts';

/** Byte for byte what was deployed, its topic the stack's own. Throws ProblemError `nolapse:fleet-missing`, `nolapse:fleet-changed`. */
export async function deployedFleet({ fleet, topicArn }: Pick<Environment, 'fleet' | 'topicArn'>): Promise<Fleet> {
  const { file, sha256 } = fleet;
  const wrong = (type: string, what: string): ProblemError =>
    new ProblemError({ type, detail: `${file}: ${what}`, retry: 'never', fix: 'deploy again' });
  const bytes = await readFile(file).catch(() => {
    throw wrong('nolapse:fleet-missing', 'the fleet that was deployed is not there');
  });
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) throw wrong('nolapse:fleet-changed', `it hashes to ${found}, not to ${sha256} as deployed`);
  const read = JSON.parse(bytes.toString('utf8')) as Fleet;
  return topicArn ? { ...read, notifications: { ...read.notifications, sns: { topicArn } } } : read;
}
