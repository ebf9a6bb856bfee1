/** Where an issuer's CA issues on trial: known, named, itself, or not to be had, never a production by mistake. */
import { describe, expect, test } from 'vitest';
import { stagingServerProblem, stagingTwinOf } from '../../../../shared/standards/acme/staging.ts';

const PRODUCTION = 'https://acme-v02.api.letsencrypt.org/directory';
const STAGING = 'https://acme-staging-v02.api.letsencrypt.org/directory';
const CORP = 'https://acme.corp.example/directory';

describe('the staging twin', () => {
  test.each([
    ["of Let's Encrypt is known", { server: PRODUCTION }, { is: 'other', server: STAGING }],
    ["of Let's Encrypt's staging is itself", { server: STAGING }, { is: 'itself' }],
    [
      'is what the annotation names',
      { server: CORP, stagingServer: `${CORP}/2` },
      { is: 'other', server: `${CORP}/2` },
    ],
    [
      "is the annotation's before what is known",
      { server: PRODUCTION, stagingServer: CORP },
      { is: 'other', server: CORP },
    ],
    ['is itself where the annotation names its own server', { server: CORP, stagingServer: CORP }, { is: 'itself' }],
  ])('%s', (_what, spec, twin) => {
    expect(stagingTwinOf(spec)).toEqual(twin);
  });

  test.each([
    ['of any other CA is unknown', { server: CORP }, /nobody says where/, /nolapse\.dev\/staging-server: </],
    ['of a test host is not guessed', { server: 'https://contest.example/dir' }, /nobody says/, /annotate/],
    ['that is no URL is refused', { server: CORP, stagingServer: 'staging' }, /"staging" is no URL/, /e\.g\. https/],
    [
      'without TLS is refused',
      { server: CORP, stagingServer: 'http://x/' },
      /is not an https URL/,
      /write the https URL/,
    ],
    [
      'with a password is refused',
      { server: CORP, stagingServer: 'https://a:b@x/' },
      /holds a user/,
      /externalAccountBinding/,
    ],
  ])('%s', (_what, spec, message, fix) => {
    expect(stagingTwinOf(spec)).toEqual({
      ...{ is: 'unknown', message: expect.stringMatching(message), fix: expect.stringMatching(fix) },
    });
  });

  test('is never a production, also where somebody calls it its own', () => {
    const problem = { message: `${PRODUCTION} is the production of Let's Encrypt`, fix: `write ${STAGING}` };
    expect(stagingServerProblem({ stagingServer: PRODUCTION })).toEqual(problem);
    expect(stagingTwinOf({ server: PRODUCTION, stagingServer: PRODUCTION }).is).toBe('unknown');
    expect(stagingServerProblem({})).toBeUndefined();
  });
});
