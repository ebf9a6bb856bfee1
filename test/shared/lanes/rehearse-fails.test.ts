/** With whom a rehearsal is made, where it fails, and when it is refused. */
import { describe, expect, test } from 'vitest';
import { selfSignedAuthority } from '../../../shared/adapters/ca/self-signed-authority.ts';
import type { AcmeIssuerSpec, Issuer } from '../../../shared/contract/fleet.ts';
import type { Authority } from '../../../shared/contract/ports.ts';
import { ProblemError } from '../../../shared/contract/problem.ts';
import { keys, rows } from '../../../shared/contract/records.ts';
import { rehearse } from '../../../shared/lanes/rehearse.ts';
import { ACME_ERROR } from '../../../shared/standards/acme/fixes.ts';
import { cluster, LETS_ENCRYPT } from '../stages/assess/wishes-of-shop.ts';
import { at, HOUR, problem } from '../stages/issue/scripted.ts';
import { AUDITED, audited, ID, leftNothing, lets, STAGING } from './rehearsal-world.ts';

describe('fails where a renewal would, cleans up, and says where', () => {
  test.each([
    ['intent', 'order'],
    ['created', 'order'],
    ['presented', 'validation'],
    ['answered', 'validation'],
    ['finalizing', 'issuance'],
  ])('at %s', async (step, phase) => {
    for (const retry of ['later', 'never'] as const) {
      const world = await audited();
      world.ca.fails.set(step, problem('nolapse:out-of-order', retry));
      const { end } = await world.rehearse();
      expect(end).toEqual({ is: 'failed', at: phase, problem: problem('nolapse:out-of-order', retry) });
      expect(world.told.find(({ what }) => what === 'attempt-failed')?.detail).not.toHaveProperty('nextAttemptAt');
      await leftNothing(world, `${step} ${retry}`);
    }
  });

  test('when the zone may not be changed', async () => {
    const world = await audited();
    world.zone.beforeChange = (add) => {
      if (add.length > 0) throw new ProblemError(problem('aws:AccessDenied', 'never'));
    };
    const { end, txt } = await world.rehearse();
    expect(end).toMatchObject({ is: 'failed', at: 'dns', problem: { type: 'aws:AccessDenied' } });
    expect(txt.map(({ isThere }) => isThere)).toEqual([false]);
    await leftNothing(world);
  });

  test('when a value cannot be taken away, and says that it may still be there', async () => {
    const world = await audited();
    world.zone.beforeChange = (_add, remove) => {
      if (remove.length > 0) throw new ProblemError(problem('aws:Throttling'));
    };
    const { end, txt } = await world.rehearse();
    expect(end.is).toBe('obtained');
    expect(txt.map(({ isThere }) => isThere)).toEqual([true]);
    world.zone.beforeChange = () => undefined;
    world.clock.now();
    await world.clock.sleep(2 * HOUR);
    await world.run({ only: new Set() });
    await leftNothing(world);
  });

  test('when the CA does not take the names for proved', async () => {
    const world = await audited();
    world.ca.verdict = problem(`${ACME_ERROR}dns`, 'never');
    expect((await world.rehearse()).end).toMatchObject({ is: 'failed', at: 'validation', problem: world.ca.verdict });
    await leftNothing(world);
  });

  test('when the CA binds accounts, and says which issuer is missing', async () => {
    const world = await audited();
    world.ca.fails.set('intent', { ...problem(`${ACME_ERROR}externalAccountRequired`, 'never'), fix: 'of the issuer' });
    const { end } = await world.rehearse();
    expect(end).toMatchObject({ problem: { fix: expect.stringContaining(`add an issuer for ${STAGING}`) } });
  });
});

test('a directory that is none is mended where it was written', async () => {
  const wrong = { ...problem('nolapse:not-a-directory', 'never'), fix: 'set spec.acme.server of the issuer to it' };
  const fixOf = async (issuers: readonly Issuer[]) => {
    const world = await audited();
    world.ca.fails.set('intent', wrong);
    const { end } = await world.rehearse({ fleet: { ...AUDITED, issuers } });
    return end.is === 'failed' && end.problem.fix;
  };
  const written = lets({ stagingServer: 'https://acme.corp.example/staging' });
  expect(await fixOf([written])).toBe('set the annotation nolapse.dev/staging-server of the issuer to it');
  const staging = { ...lets({ server: 'https://acme.corp.example/staging' }), id: 'fleet/s', name: 's' };
  expect(await fixOf([written, staging])).toBe(wrong.fix);
});

test('an issuer that was found in the cluster has a twin as well', async () => {
  const world = await audited();
  const spec = { ...(LETS_ENCRYPT.spec as AcmeIssuerSpec), server: 'https://ca/1', stagingServer: 'https://ca/2' };
  const found: Issuer = { ...LETS_ENCRYPT, id: 'prod/letsencrypt', source: 'prod', spec };
  await world.records.put(rows.issuer({ issuer: found, seenAt: at(0) }, 0));
  const rehearsal = await world.rehearse({ fleet: { ...AUDITED, issuers: [] } });
  expect(rehearsal).toMatchObject({ issuer: 'prod/letsencrypt', directory: 'https://ca/2', end: { is: 'obtained' } });
});

describe('the twin', () => {
  const of = async (issuers: readonly Issuer[]) => {
    const world = await audited();
    return { world, rehearsed: world.rehearse({ fleet: { ...AUDITED, issuers } }) };
  };
  const binding = { keyId: 'k', keySecret: { name: 's', key: 'k' } };

  test('has neither the binding nor the chain of the issuer', async () => {
    const { world, rehearsed } = await of([lets({ externalAccountBinding: binding, preferredChain: 'ISRG' })]);
    await rehearsed;
    expect(world.asked[0]?.spec).not.toHaveProperty('externalAccountBinding');
    expect(world.asked[0]?.spec).not.toHaveProperty('preferredChain');
  });

  test('is the issuer that the fleet has for that directory', async () => {
    const staging: Issuer = {
      ...lets({ server: STAGING, externalAccountBinding: binding }),
      ...{ id: 'fleet/staging', name: 'staging' },
    };
    const { world, rehearsed } = await of([LETS_ENCRYPT, staging]);
    expect((await rehearsed).directory).toBe(STAGING);
    expect(world.asked[0]).toBe(staging);
  });

  test('is itself where it is a staging one, whose proofs are its own', async () => {
    const { world, rehearsed } = await of([lets({ server: STAGING })]);
    expect(await rehearsed).toMatchObject({ twin: 'itself', directory: STAGING, end: { is: 'obtained' } });
    expect(world.forgotten).toEqual([]);
  });

  test('that nobody knows is refused before anything is asked', async () => {
    const { world, rehearsed } = await of([lets({ server: 'https://acme.corp.example/directory' })]);
    await expect(rehearsed).rejects.toThrow(
      "ClusterIssuer letsencrypt: nobody says where the staging environment of https://acme.corp.example/directory is (annotate it with nolapse.dev/staging-server: <the https URL of that CA's staging directory>; its own URL where it is one)",
    );
    expect(world.ca.calls).toEqual([]);
  });

  test('of a private CA is needed by nobody: it signs in memory', async () => {
    const issuer: Issuer = { ...LETS_ENCRYPT, spec: { type: 'selfSigned', crlDistributionPoints: [] } };
    const world = await audited();
    const { clock } = world;
    const { end, directory, phases, txt } = await world.rehearse({
      fleet: { ...AUDITED, issuers: [issuer] },
      authorityFor: () => selfSignedAuthority({ spec: { type: 'selfSigned', crlDistributionPoints: [] }, clock }),
    });
    expect([end.is, directory, txt]).toEqual(['obtained', undefined, []]);
    expect(phases.map(({ phase }) => phase)).toEqual(['order', 'issuance']);
    await leftNothing(world);
  });

  test('that has not the profile is asked without it', async () => {
    const world = await audited();
    const { advance } = world.authority;
    const profiles: (string | undefined)[] = [];
    const authority: Authority = {
      advance: async (attempt, request) => {
        if (attempt.step.at === 'intent') profiles.push(request.profile);
        if (request.profile) throw new ProblemError(problem(`${ACME_ERROR}invalidProfile`, 'never'));
        return advance(attempt, request);
      },
    };
    const issuers = [lets({ profile: 'tlsserver' })];
    const rehearsal = await world.rehearse({ fleet: { ...AUDITED, issuers }, authorityFor: () => authority });
    expect(rehearsal).toMatchObject({ end: { is: 'obtained' }, profileLeftOut: 'tlsserver' });
    expect(profiles).toEqual(['tlsserver', undefined]);
  });
});

test('names that the CA takes for proved write no DNS', async () => {
  const world = await audited();
  world.ca.isProved = true;
  const { end, txt, phases } = await world.rehearse();
  expect([end.is, txt]).toEqual(['obtained', []]);
  expect(phases.map(({ phase }) => phase)).toContain('issuance');
});

test('proofs that the CA keeps are told of, and cost the rehearsal nothing', async () => {
  const world = await audited();
  const { advance } = world.authority;
  const forget = async (): Promise<never> => {
    throw new ProblemError(problem('urn:ietf:params:acme:error:serverInternal'));
  };
  const { end } = await world.rehearse({ authorityFor: () => ({ advance, forget }) });
  expect(end.is).toBe('obtained');
  expect(world.words().at(-1)).toBe('proof-kept');
});

describe('is refused', () => {
  test('for what nobody asks for', async () => {
    const world = await audited();
    await expect(rehearse('prod/shop/none', world.ports)).rejects.toThrow(
      'prod/shop/none: nobody asks for this certificate, it was only found',
    );
  });

  test('outside the name policy of a cluster in audit', async () => {
    const world = await audited();
    const clusters = [cluster('prod', { mode: 'audit', namePolicy: [] })];
    await expect(world.rehearse({ fleet: { ...AUDITED, clusters } })).rejects.toThrow(
      `${ID}: cannot be renewed: the name policy of prod does not allow a.example.com in the namespace shop`,
    );
  });

  test('for what an inventory has held for another reason', async () => {
    const world = await audited();
    const row = await world.records.get(keys.wanted(ID));
    const held = { reason: 'unsupported', message: 'its Secret is the place of another', fix: 'Name another' } as const;
    if (row) await world.records.put({ ...row, body: { ...row.body, held } });
    await expect(world.rehearse()).rejects.toThrow(
      `${ID}: cannot be renewed: its Secret is the place of another (Name another)`,
    );
  });
});
