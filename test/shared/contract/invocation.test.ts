/** What functions may be invoked with, and what a wrong payload is told. */
import { describe, expect, test } from 'vitest';
import { FUNCTIONS, type FunctionName } from '../../../shared/contract/environment.ts';
import { invocationOf, PAYLOADS } from '../../../shared/contract/invocation.ts';

const queued = (...bodies: readonly unknown[]) => ({ Records: bodies.map((body) => ({ body, messageId: 'm' })) });

test.each<[FunctionName, unknown, object]>([
  ['issue', queued('issue:fleet/le'), { is: 'lanes', lanes: ['issue:fleet/le'] }],
  ['notify', queued('notify', 'notify'), { is: 'lanes', lanes: ['notify', 'notify'] }],
  ['wake', { wake: 'due' }, { is: 'wake', what: 'due' }],
  ['wake', { wake: 'inventory' }, { is: 'wake', what: 'inventory' }],
  ['wake', { show: 'fleet' }, { is: 'show', what: 'fleet' }],
  ['inventory', { cluster: 'prod' }, { is: 'cluster', cluster: 'prod' }],
  ['issue', { certificate: 'a/b/c' }, { is: 'certificate', certificate: 'a/b/c', force: false, wait: false }],
  [
    'issue',
    { certificate: 'a', force: true, wait: true },
    { is: 'certificate', certificate: 'a', force: true, wait: true },
  ],
  ['issue', { dryRun: true }, { is: 'plan' }],
  ['issue', { rehearse: 'a/b/c' }, { is: 'rehearse', certificate: 'a/b/c' }],
  ['issue', { leave: true }, { is: 'leave', dryRun: false }],
  ['issue', { leave: true, dryRun: true, within: '5m' }, { is: 'leave', dryRun: true, within: '5m' }],
  ['deliver', { giveBack: 'prod' }, { is: 'giveBack', party: 'prod', also: [], dryRun: false }],
  [
    'deliver',
    { giveBack: 'prod', also: ['prod/a/b'], dryRun: true, within: '5m' },
    { is: 'giveBack', party: 'prod', also: ['prod/a/b'], dryRun: true, within: '5m' },
  ],
  [
    'deliver',
    { pause: 'deliver:prod', for: '2h', because: 'x' },
    { is: 'pause', lane: 'deliver:prod', for: '2h', because: 'x' },
  ],
  ['notify', { digest: 'due' }, { is: 'digest', when: 'due' }],
  ['notify', { test: 'sns' }, { is: 'test', channel: 'sns' }],
])('%s takes %j', (name, event, expected) => {
  expect(invocationOf(name, event)).toEqual(expected);
});

test.each<[FunctionName, unknown, string]>([
  ['issue', null, 'is no JSON object: null'],
  ['issue', [], 'is no JSON object: []'],
  ['issue', 'renew', 'is no JSON object: "renew"'],
  ['issue', {}, 'says nothing that is known: {}'],
  ['issue', { renew: 'shop' }, 'says nothing that is known: {"renew":"shop"}'],
  ['issue', { cluster: 'prod' }, '{"cluster": …} is for the function inventory'],
  [
    'wake',
    { pause: 'issue:x', for: '1h', because: 'x' },
    '{"pause": …} is for the function inventory or issue or deliver or notify',
  ],
  ['issue', { certificate: '' }, 'certificate must be a text'],
  ['issue', { certificate: 'a', force: 'yes' }, 'force must be true or false'],
  ['issue', { certificate: 'a', forced: true }, 'forced is unknown'],
  ['issue', { dryRun: false }, 'dryRun must be true'],
  ['issue', { leave: false }, 'leave must be true'],
  ['deliver', { leave: true }, '{"leave": …} is for the function issue'],
  ['deliver', { giveBack: 'prod', also: 'prod/a/b' }, 'also must be a list of texts'],
  ['deliver', { giveBack: 'prod', also: [1] }, 'also must be a list of texts'],
  ['wake', { wake: 'all' }, 'wake must be "due" or "inventory"'],
  ['wake', { show: 'rows' }, 'show must be "fleet"'],
  ['issue', { pause: 'issue:x', for: '1h' }, 'because is missing'],
  [
    'issue',
    { pause: 'deliver:prod', for: '1h', because: 'x' },
    '"deliver:prod" is no lane of it: they begin with issue',
  ],
  ['issue', queued('deliver:prod'), 'a message of its queue is no lane of it: "deliver:prod"'],
  ['issue', queued({ lane: 'issue:x' }), 'a message of its queue is no lane of it: {"lane":"issue:x"}'],
  ['issue', { Records: [null] }, 'a message of its queue is no lane of it: undefined'],
])('%s refuses %j', (name, event, message) => {
  expect(() => invocationOf(name, event)).toThrow(message);
});

describe.each(FUNCTIONS)('a wrong payload of %s', (name) => {
  test('is answered with all that are allowed, and each of them is', () => {
    const own = PAYLOADS.filter(({ takes }) => takes.includes(name));
    expect(own.length).toBeGreaterThan(0);
    for (const { example } of own) {
      expect(() => invocationOf(name, { nonsense: 1 })).toThrow(JSON.stringify(example));
      const takenBy = { ...example, ...('pause' in example ? { pause: `${name}:one` } : {}) };
      expect(invocationOf(name, takenBy)).toBeDefined();
    }
  });
});
