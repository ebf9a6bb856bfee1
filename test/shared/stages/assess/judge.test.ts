/** What holds of every judgement, whatever was seen: complete lines, one finding for each object and code, no key, no squares. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { subjectOf, type Verdict } from '../../../../shared/contract/finding.ts';
import type { Observation } from '../../../../shared/contract/observation.ts';
import type { Destination, Issuance, Wanted } from '../../../../shared/contract/rows.ts';
import { judgeIssuance, judgeSource, type SourceSeen } from '../../../../shared/stages/assess/judge.ts';
import {
  at,
  byId,
  byPlace,
  ca,
  DAY,
  destination,
  facts,
  failure,
  ingress,
  issuance,
  NOW,
  observed,
  source,
  wanted,
} from './judged-things.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const days = fc.integer({ min: -30, max: 90 });

const observation = fc
  .record({ left: days, is: fc.constantFrom('leaf', 'ca', 'bad', 'mismatch', 'staging', 'leaking') })
  .map(({ left, is }) => (name: string): Observation => {
    const leaf = facts(left * DAY, { serial: name, ...(is === 'staging' && { issuer: 'CN=(STAGING) R10' }) });
    if (is === 'ca') return observed(name, ca(left * DAY));
    if (is === 'bad') return observed(name, undefined, { problem: { code: 'bad-certificate', detail: 'no PEM' } });
    const keyInAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';
    return observed(name, leaf, { keyMatches: is !== 'mismatch', ...(is === 'leaking' && { keyInAnnotation }) });
  });

interface Asked {
  readonly wanted: Wanted;
  readonly issuance?: Issuance;
  readonly destination?: Destination;
}

const REASONS = ['audit', 'name-not-allowed', 'issuer-not-found', 'challenge-impossible', 'unsupported'] as const;
const asked = fc
  .record({ left: days, held: fc.option(fc.constantFrom(...REASONS)), hasRow: fc.boolean(), count: fc.nat(4) })
  .map(({ left, held, hasRow, count }) => (name: string): Asked => {
    if (held) return { wanted: wanted(name, { held: { reason: held, message: 'so it is' } }) };
    const leaf = facts(left * DAY, { serial: name });
    return {
      wanted: wanted(name),
      issuance: issuance(name, leaf, count > 0 ? { failure: failure(count) } : {}),
      ...(hasRow && { destination: destination(name, leaf) }),
    };
  });

const seenSource = fc
  .record({
    secrets: fc.dictionary(fc.constantFrom(...NAMES), observation),
    wanted: fc.dictionary(fc.constantFrom(...NAMES), asked),
    ingresses: fc.array(fc.constantFrom(...NAMES), { maxLength: 4 }),
    secretsRead: fc.boolean(),
  })
  .map((made): SourceSeen => {
    const all = Object.entries(made.wanted).map(([name, ask]) => ask(name));
    return source({
      observations: Object.entries(made.secrets).map(([name, observe]) => observe(name)),
      wanted: all.map((one) => one.wanted),
      issuances: byId(...all.flatMap((one) => one.issuance ?? [])),
      destinations: byPlace(...all.flatMap((one) => one.destination ?? [])),
      ingresses: made.ingresses.map((name, i) => ingress(`web-${i}`, name)),
      secretsRead: made.secretsRead,
    });
  });

/** What a lane tells of one source: its own findings and those of its issuances. */
const told = (seen: SourceSeen): readonly Verdict[] => [
  ...judgeSource(seen, NOW).verdicts,
  ...[...seen.issuances.values()].flatMap((row) =>
    judgeIssuance(
      {
        issuance: row,
        wanted: seen.wanted.filter((one) => one.issuance === row.id),
        destinations: [...seen.destinations.values()],
      },
      NOW,
    ),
  ),
];

test('every Wanted and every Secret that no Wanted has as its place is one line', () => {
  fc.assert(
    fc.property(seenSource, (seen) => {
      const places = new Set(seen.wanted.flatMap((one) => one.places.map(({ place }) => place)));
      const others = seen.observations.map(({ place }) => place).filter((place) => !places.has(place));
      const ids = [...judgeSource(seen, NOW).views].map(({ id, kind }) => `${kind} ${id}`);
      const expected = [...seen.wanted.map(({ id }) => `Certificate ${id}`), ...others.map((id) => `Secret ${id}`)];
      expect(ids.toSorted()).toEqual(expected.toSorted());
    }),
  );
});

test('an object has each code at most once, whoever owns the finding', () => {
  fc.assert(
    fc.property(seenSource, (seen) => {
      const keys = told(seen).map(({ object, code }) => `${subjectOf(object)} ${code}`);
      expect(keys).toEqual([...new Set(keys)]);
    }),
  );
});

test('every finding is one sentence, one fix, evidence of texts, and never from the future', () => {
  fc.assert(
    fc.property(seenSource, (seen) => {
      for (const { message, fix, evidence, since } of told(seen)) {
        expect(message).not.toMatch(/undefined|\n|\[object|NaN/);
        expect(fix).toMatch(/^[A-Z].{10,}/);
        expect(fix).not.toContain('undefined');
        for (const value of Object.values(evidence)) expect(value).toBeTypeOf('string');
        if (since !== undefined) expect(since <= at(0)).toBe(true);
      }
    }),
  );
});

test('the same rows and the same now give the same judgement, in whatever order the Secrets came', () => {
  fc.assert(
    fc.property(seenSource, (seen) => {
      const sorted = (of: SourceSeen) =>
        told(of)
          .map((verdict) => JSON.stringify(verdict))
          .toSorted();
      expect(sorted({ ...seen, observations: seen.observations.toReversed() })).toEqual(sorted(seen));
    }),
  );
});

test('what a row holds sealed, and what an annotation holds, is in no finding and no line', () => {
  const leaf = facts(-DAY);
  const row = issuance('web', leaf, { failure: failure(3) });
  const current = {
    facts: leaf,
    chainPem: 'CHAIN',
    issuedAt: at(-DAY),
    origin: 'issued',
    sealedKey: 'SEALED',
  } as const;
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': 'LEAKED' };
  const seen = source({
    observations: [observed('web', leaf, { annotations }), observed('tls', leaf, { annotations })],
    wanted: [wanted('web')],
    issuances: byId({ ...row, current }),
    destinations: byPlace(destination('web', leaf)),
  });
  expect(told(seen).length).toBeGreaterThan(2);
  expect(JSON.stringify([told(seen), ...judgeSource(seen, NOW).views])).not.toMatch(/SEALED|LEAKED|CHAIN/);
});

test('ten thousand Secrets and Ingresses of one name are each looked at once', () => {
  let looks = 0;
  const observations = Array.from({ length: 10_000 }, (_, i) => {
    const leaf = facts(80 * DAY, { issuer: 'CN=Shop CA' });
    const one = observed(`tls-${i}`);
    const look = () => {
      looks++;
      return [leaf];
    };
    return Object.defineProperty({ ...one }, 'chain', { get: look, enumerable: true });
  });
  const ingresses = observations.map((_, i) => ingress(`web-${i}`, `gone-${i}`));
  const { verdicts, views } = judgeSource(source({ observations, ingresses }), NOW);
  expect([verdicts.length, [...views].length]).toEqual([10_000, 10_000]);
  expect(looks).toBeLessThan(20 * observations.length);
});
