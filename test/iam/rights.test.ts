/** The rights of a deployed service, both ways: what it asks is allowed, what is next to it is not; and one statement changed is found out. */
import { beforeAll, describe, expect, test } from 'vitest';
import { resources, SERVICE } from '../shared/rights/service.ts';
import { mutantsOf } from './mutations.ts';
import { type Ask, type StatementJson, statementsOf } from './policy.ts';
import { asksIn, wrongRights } from './rights-check.ts';
import { serviceRoles } from './service-gate.ts';
import { requestsOf, TRAFFIC } from './traffic.ts';

const { stateKey, topicKey } = resources;
const roles = serviceRoles();
const asks = new Map<string, readonly Ask[]>();

beforeAll(async () => {
  for (const { name, arn } of roles) {
    const landing = { partition: 'aws', account: arn.split(':')[4] ?? SERVICE, stateKey, topicKey };
    asks.set(name, asksIn(await requestsOf(name), landing));
  }
});

const seen = (name: string) => asks.get(name) ?? [];

test('every role that is seen to ask is one of the fleet', () => {
  expect(Object.keys(TRAFFIC).sort()).toEqual(roles.map(({ name }) => name).sort());
});

describe.each(roles)('$name', ({ name, policies }) => {
  test('may do what it does, and nothing next to it', () => {
    expect([...wrongRights({ name, policies, asks: seen(name) })]).toEqual([]);
  });

  test('with one statement narrowed or widened is found out', () => {
    const mutants = mutantsOf(policies.flatMap(statementsOf));
    const isAlive = (statements: readonly StatementJson[]): boolean =>
      wrongRights({ name, policies: [{ Statement: statements }], asks: seen(name) }).next().done === true;
    expect(mutants.length).toBeGreaterThan(3);
    expect(mutants.filter(({ statements }) => isAlive(statements)).map(({ how }) => how)).toEqual([]);
  });
});
