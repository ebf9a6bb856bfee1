/** A CA and our account looked at: nothing is registered, and what the CA says of the account is told. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AcmeLook, type AcmeLookOptions, acmeLook } from '../../../../shared/adapters/acme/acme-look.ts';
import type { Records } from '../../../../shared/contract/records.ts';
import { type FakeCa, startFakeCa } from './fake-ca.ts';
import { type AcmeWorld, attemptAt, makeAcmeWorld, request, unseal } from './world.ts';

let ca: FakeCa;
let world: AcmeWorld;
const looks: AcmeLook[] = [];

beforeEach(async () => {
  ca = await startFakeCa();
  ca.on('/new-account', () => ({ status: 201, headers: { location: `${ca.origin}/account/1` }, body: {} }));
  ca.on('/new-order', () => ({ status: 403, body: {} }));
  world = makeAcmeWorld({ directory: ca.directory, tlsCaPem: ca.tlsCaPem });
});
afterEach(async () => {
  for (const one of looks.splice(0)) one.close();
  world.close();
  await ca.close();
});

function look(over: Partial<AcmeLookOptions> = {}, keys: Pick<AcmeLookOptions, 'unseal'> = { unseal }): AcmeLook {
  const made = acmeLook({
    ...{ wish: { server: ca.directory }, records: world.records as unknown as Records, fleet: 'acme', ...keys },
    readSecret: async ({ name }) => Promise.reject(new Error(`no Secret ${name}`)),
    ...{ clock: { now: () => new Date() }, version: '1.2.3', caBundle: ca.tlsCaPem },
    ...over,
  });
  looks.push(made);
  return made;
}

/** As a run does that gets no further. */
const register = () =>
  world
    .authority()
    .advance(attemptAt({ at: 'intent' }), request('a.example.com'))
    .catch(() => undefined);
const asked = (path: string) => ca.requests.filter((one) => one.path === path);

describe('acmeLook', () => {
  test('registers nothing where there is no account yet', async () => {
    expect(await look().account()).toEqual({ is: 'none' });
    expect(await look().accountUrl()).toBeUndefined();
    expect(asked('/new-account')).toEqual([]);
    expect(world.records.rows.size).toBe(0);
  });

  test('says what the CA says of the account, asked as a GET', async () => {
    await register();
    ca.on('/account/1', { body: { status: 'valid', contact: ['mailto:a@example.com'] } });
    const url = `${ca.origin}/account/1`;
    expect(await look().account()).toEqual({
      is: 'registered',
      url,
      status: 'valid',
      contact: ['mailto:a@example.com'],
    });
    expect(await look().accountUrl()).toBe(url);
    expect(asked('/account/1').map(({ payload }) => payload ?? '')).toEqual(['']);
    expect(asked('/new-account')).toHaveLength(1);
  });

  test('an account that is deactivated is a problem, and so is an answer that is none', async () => {
    await register();
    ca.on('/account/1', { body: { status: 'deactivated' } });
    await expect(look().account()).rejects.toMatchObject({
      problem: { detail: 'the CA says that the account is deactivated' },
    });
    ca.on('/account/1', { body: {} });
    await expect(look().account()).rejects.toMatchObject({ problem: { type: 'nolapse:strange-answer' } });
  });

  test('asks nothing of the account where its key is not to be opened', async () => {
    await register();
    expect(await look({}, {}).account()).toMatchObject({ is: 'registered', contact: [] });
    expect(asked('/account/1')).toEqual([]);
  });

  test('a binding that is required and missing, or unreadable, is a problem', async () => {
    const { directory } = ca;
    const externalAccountBinding = { keyId: 'one', secret: { from: 'fleet', name: 'eab', key: 'hmac' } } as const;
    const bound = (value: string) =>
      look({ wish: { server: directory, externalAccountBinding }, readSecret: async () => Buffer.from(value) });
    expect(await bound('c2VjcmV0').account()).toEqual({ is: 'none' });
    await expect(bound('no base64!').account()).rejects.toMatchObject({ problem: { type: 'nolapse:eab-key' } });
    const urls = { newNonce: ca.origin, newAccount: ca.origin, newOrder: ca.origin };
    ca.on(new URL(directory).pathname, { body: { ...urls, meta: { externalAccountRequired: true } } });
    await expect(look().account()).rejects.toMatchObject({
      problem: { type: 'urn:ietf:params:acme:error:externalAccountRequired' },
    });
  });

  test('tells by how much our clock is off, and nothing of the seconds that an answer takes', async () => {
    const at = (ms: number) => look({ clock: { now: () => new Date(Date.now() + ms) } });
    expect((await at(0).ca()).aheadMs).toBe(0);
    expect((await at(600_000).ca()).aheadMs).toBeGreaterThan(590_000);
    expect((await at(-600_000).ca()).aheadMs).toBeLessThan(-590_000);
  });
});
