/** Leaving a deployed service from the command line: which function is asked for what, how often, and what is said to stay. */
import { describe, expect, test } from 'vitest';
import { keys, rows } from '../../../shared/contract/records.ts';
import type { Attempt, Destination, Issuance } from '../../../shared/contract/rows.ts';
import type { Unsettled } from '../../../shared/lanes/lease.ts';
import { leave, lookAtLeaving } from '../../../shared/lanes/leave.ts';
import type { PlaceLeft } from '../../../shared/lanes/leave-places.ts';
import { writeSnapshot } from '../../../shared/lanes/snapshots.ts';
import { leavingOfDeployed } from '../../../shared/wiring/deployed-leaving.ts';
import { openIssueWorld } from '../lanes/issue-world.ts';
import { marksOfOurs } from '../lanes/memory-destination.ts';
import { DAY, facts, observed } from '../stages/assess/judged-things.ts';
import { cluster, fleet } from '../stages/assess/wishes-of-shop.ts';
import { at, jumpingClock, MINUTE } from '../stages/issue/scripted.ts';

const FUNCTIONS = {
  ...{ wake: 'f-wake', inventory: 'f-inventory', issue: 'f-issue', deliver: 'f-deliver', notify: 'f-notify' },
  ...{ 'inventory@corp': 'f-inventory-corp', 'deliver@corp': 'f-deliver-corp' },
};
const QUEUES = { inventory: 'q', issue: 'q', deliver: 'q', notify: 'q', 'inventory@corp': 'q', 'deliver@corp': 'q' };
const deployed = {
  ...{ table: 'rows', bucket: 'blobs', topic: 'arn:topic', bus: 'bus', kept: {}, queues: QUEUES, deadLetters: QUEUES },
  ...{ keys: { state: 'arn:state', attempts: 'arn:attempts', accounts: 'arn:accounts' }, functions: FUNCTIONS },
};

interface Asked {
  readonly leave?: true;
  readonly giveBack?: string;
  readonly also?: readonly string[];
  readonly dryRun?: boolean;
  readonly within?: string;
}

interface Answer {
  readonly unsettled: readonly Unsettled[];
  readonly orders?: readonly object[];
  readonly places?: readonly PlaceLeft[];
  /** What the function changes meanwhile. */
  readonly does?: () => Promise<unknown>;
}

async function opened({ deadlineMs }: { readonly deadlineMs?: number } = {}) {
  const { records, asks, idOf } = openIssueWorld();
  await asks('a');
  const issuance = idOf('a');
  const also: readonly Destination['place'][] = ['edge/shop/a', 'secretsmanager/certs/a'];
  for (const place of also)
    await records.put(
      rows.destination({ place, issuance, certificate: 'prod/shop/a', adopt: false, ownership: { is: 'ours' } }, 0),
    );
  const held = new Map<string, Uint8Array>();
  const blobs = {
    read: async (key: string) => held.get(key),
    write: async (key: string, body: Uint8Array) => void held.set(key, body),
  };
  const [clock, asked, answers] = [
    jumpingClock({ ...(deadlineMs ? { deadlineMs } : {}) }),
    [] as [string, Asked][],
    [] as Answer[],
  ];
  const settled = ({ giveBack, also = [], dryRun }: Asked): Answer => ({
    unsettled: [],
    ...(giveBack
      ? { places: also.map((place) => ({ place, outcome: dryRun ? 'to-release' : 'released', isThere: true })) }
      : { orders: [] }),
  });
  const ports = leavingOfDeployed({
    ...{ service: 'acme', deployed, records, blobs, clock, hearing: (answer) => answer },
    fleet: fleet({ clusters: [cluster('prod'), cluster('edge', { reach: 'corp' })] }),
    functions: {
      invoke: async (name, payload) => {
        asked.push([name, payload]);
        clock.later(MINUTE);
        const { does, ...answer } = answers.shift() ?? settled(payload);
        await does?.();
        return answer;
      },
    },
  });
  return { ports, records, blobs, asked, answers, issuance };
}

const outcomesOf = ({ places }: { readonly places: readonly PlaceLeft[] }) =>
  places.map(({ place, outcome }) => `${place} ${outcome}`);
const busy: Unsettled = { lane: 'issue:fleet/letsencrypt', why: 'no-time' };

describe('a service is left', () => {
  test('by issue first, then each cluster and store by the copy of deliver that reaches it', async () => {
    const { ports, records, asked } = await opened();
    const left = await leave('ada', ports);
    expect(asked).toEqual([
      ['f-issue', { leave: true }],
      ['f-deliver-corp', { giveBack: 'edge', also: ['edge/shop/a'], dryRun: false }],
      ['f-deliver', { giveBack: 'prod', also: ['prod/shop/a'], dryRun: false }],
      ['f-deliver', { giveBack: 'secretsmanager', also: ['secretsmanager/certs/a'], dryRun: false }],
    ]);
    expect(outcomesOf(left)).toEqual([
      'edge/shop/a released',
      'prod/shop/a released',
      'secretsmanager/certs/a released',
    ]);
    expect((await records.get(keys.installation()))?.body.leaving).toMatchObject({ by: 'ada' });
  });

  test('with Secrets that carry its mark and that only a snapshot knows', async () => {
    const { ports, blobs, asked } = await opened();
    const asOf = at(0);
    const observations = [observed('forgotten', facts(DAY), marksOfOurs('i')), observed('others', facts(DAY))];
    await writeSnapshot(blobs, { source: 'prod', asOf, certificates: [], gaps: [], wholeAt: asOf, observations });
    await leave('ada', ports);
    expect(asked.find(([, { giveBack }]) => giveBack === 'prod')?.[1].also).toEqual([
      'prod/shop/a',
      'prod/shop/forgotten',
    ]);
  });

  test('only to look: nobody is told anything, and nothing begins', async () => {
    const { ports, records, asked } = await opened();
    expect(outcomesOf(await lookAtLeaving(ports))[0]).toBe('edge/shop/a to-release');
    expect(asked.map(([name, { dryRun }]) => [name, dryRun])).toEqual([
      ['f-deliver-corp', true],
      ['f-deliver', true],
      ['f-deliver', true],
    ]);
    expect(await records.get(keys.installation())).toBeUndefined();
  });
});

describe('what an invocation had no time for', () => {
  test('is asked for again, and what it gave up before is given up', async () => {
    const { ports, records, asked, answers, issuance } = await opened();
    const change = async (more: Partial<Issuance>): Promise<void> => {
      const row = await records.get(keys.issuance(issuance));
      const { attempt: _, ...rest } = row?.body ?? { id: 'none' };
      if (row) await records.put(rows.issuance({ ...(rest as Issuance), ...more }, row.rev));
    };
    const attempt: Attempt = { id: 'one', startedAt: at(0), deadline: at(DAY), pickups: 1, step: { at: 'intent' } };
    await change({ attempt });
    const order = { issuance, certificates: ['prod/shop/a'], outcome: 'abandoned' };
    answers.push({ unsettled: [busy], orders: [order], does: () => change({}) }, { unsettled: [], orders: [] });
    expect((await leave('ada', ports)).orders).toEqual([order]);
    expect(asked.filter(([name]) => name === 'f-issue')).toHaveLength(2);
  });

  test('is not asked for when our own time is over, which the function is told', async () => {
    const { ports, asked, answers } = await opened({ deadlineMs: MINUTE });
    answers.push({ unsettled: [busy], orders: [] });
    const left = await leave('ada', ports);
    expect(asked).toEqual([['f-issue', { leave: true, within: '60000ms' }]]);
    expect([left.unsettled, left.places]).toEqual([[busy], []]);
  });

  test('is not asked for where somebody has paused the lane', async () => {
    const { ports, asked, answers } = await opened();
    answers.push({ unsettled: [{ ...busy, why: 'paused' }], orders: [] });
    expect((await leave('ada', ports)).unsettled).toHaveLength(1);
    expect(asked).toHaveLength(1);
  });

  test('of a cluster is told as what it was when it was given back', async () => {
    const { ports, answers } = await opened();
    const place = { place: 'edge/shop/a', isThere: true } as const;
    answers.push(
      { unsettled: [], orders: [] },
      { unsettled: [{ lane: 'deliver:edge', why: 'no-time' }], places: [{ ...place, outcome: 'released' }] },
    );
    const again = { unsettled: [], places: [{ ...place, outcome: 'nothing' as const }] };
    answers.push({ unsettled: [], places: [] }, { unsettled: [], places: [] }, again);
    expect(outcomesOf(await leave('ada', ports))).toContain('edge/shop/a released');
  });
});

test('everything that was deployed is said to stay, with its price and how it goes', async () => {
  const { ports } = await opened();
  expect(
    ports.keeps.map(({ what, where, usdAMonth }) => `${what.split(/[ :]/)[0]} ${where} ${usdAMonth.toFixed(2)}`),
  ).toEqual([
    'service stacks nolapse-acme-service and nolapse-acme-access 2.80',
    'table rows 0.01',
    'bucket blobs 0.01',
    'KMS arn:state 1.00',
    'KMS arn:attempts 1.00',
    'KMS arn:accounts 1.00',
    'parameter /nolapse/acme 0.00',
  ]);
  expect(ports.keeps[0]?.remove).toMatch(/^npx cdk destroy --all/);
});
