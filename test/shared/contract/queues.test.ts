/** Which queue carries a lane's rings. */
import { expect, test } from 'vitest';
import type { Lane } from '../../../shared/contract/ids.ts';
import { queueName, queueOf } from '../../../shared/contract/queues.ts';

const clusters = [{ name: 'prod', reach: 'vpc' }, { name: 'edge' }];

test.each<[Lane, string]>([
  ['notify', 'notify'],
  ['inventory:fleet', 'inventory'],
  ['inventory:edge', 'inventory'],
  ['inventory:prod', 'inventory@vpc'],
  ['deliver:prod', 'deliver@vpc'],
  ['deliver:gone', 'deliver'],
  ['deliver:secretsmanager.eu-central-1', 'deliver'],
  ['issue:fleet/letsencrypt', 'issue'],
  // a CA is asked from everywhere, also for what was found in a cluster that is not
  ['issue:prod/letsencrypt', 'issue'],
])('%s is rung in %s', (lane, queue) => {
  expect(queueOf(clusters)(lane)).toBe(queue);
});

test('a queue of a reach is named after both', () => {
  expect(queueName('deliver', 'vpc')).toBe('deliver@vpc');
  expect(queueName('notify')).toBe('notify');
});
