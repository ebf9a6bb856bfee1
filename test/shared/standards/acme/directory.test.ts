/** Directories: what is read of them, and what is refused before anything is asked. */
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../../../shared/contract/problem.ts';
import {
  directoryProblem,
  keptDirectory,
  readDirectory,
  requireHttps,
  requireProfile,
} from '../../../../shared/standards/acme/directory.ts';

const server = 'https://ca.example/dir';
const urls = { newNonce: 'https://ca.example/n', newAccount: 'https://ca.example/a', newOrder: 'https://ca.example/o' };

/** The problem that a call throws. */
function refused(call: () => unknown): ProblemError['problem'] {
  try {
    call();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('readDirectory', () => {
  test('reads the URLs and what meta says', () => {
    const meta = {
      termsOfService: 'https://ca.example/terms',
      externalAccountRequired: true,
      caaIdentities: ['ca.example', 7],
      profiles: { tlsserver: 'x', classic: 'y' },
    };
    expect(readDirectory(server, { ...urls, meta, renewalInfo: 'https://ca.example/ari' })).toEqual({
      ...urls,
      termsOfService: 'https://ca.example/terms',
      externalAccountRequired: true,
      caaIdentities: ['ca.example'],
      profiles: ['classic', 'tlsserver'],
    });
  });

  test('needs no meta', () => {
    expect(readDirectory(server, urls)).toEqual({ ...urls, externalAccountRequired: false, caaIdentities: [] });
  });

  test.each([
    ['a page', undefined, 'nolapse:not-a-directory', 'https://ca.example/dir is no ACME directory: it has no newNonce'],
    ['a directory without newOrder', { ...urls, newOrder: undefined }, 'nolapse:not-a-directory', 'it has no newOrder'],
    [
      'a directory that leads to plain http',
      { ...urls, newOrder: 'http://ca.example/o' },
      'nolapse:not-https',
      'newOrder of the directory',
    ],
    [
      'a directory that leads to a file',
      { ...urls, newNonce: 'file:///etc/passwd' },
      'nolapse:not-https',
      'newNonce of the directory',
    ],
  ])('refuses %s', (_, document, type, words) => {
    const problem = refused(() => readDirectory(server, document));
    expect(problem).toMatchObject({ type, retry: 'never', fix: expect.stringContaining('spec.acme.server') });
    expect(problem.detail).toContain(words);
  });
});

describe('requireHttps', () => {
  test.each(['http://ca.example/dir', 'http://127.0.0.1:14000/dir', 'http://localhost/dir', 'ftp://x', '/dir', ''])(
    'refuses %j',
    (url) => {
      expect(refused(() => requireHttps(url, 'spec.acme.server'))).toMatchObject({
        type: 'nolapse:not-https',
        detail: `spec.acme.server: ${JSON.stringify(url)} is no https URL`,
        retry: 'never',
      });
    },
  );
  test('gives an https URL back', () => {
    expect(requireHttps(server, 'x')).toBe(server);
  });
});

describe('requireProfile', () => {
  const directory = readDirectory(server, { ...urls, meta: { profiles: { classic: '', tlsserver: '' } } });
  test('takes what is on offer, and no wish', () => {
    expect(() => [requireProfile(directory, 'classic'), requireProfile(directory, undefined)]).not.toThrow();
  });
  test('names what is on offer instead', () => {
    expect(refused(() => requireProfile(directory, 'tlsclient'))).toEqual({
      type: 'urn:ietf:params:acme:error:invalidProfile',
      detail: 'the CA does not offer the profile "tlsclient": it offers classic, tlsserver',
      retry: 'never',
      fix: 'set spec.acme.profile of the issuer to one of classic, tlsserver',
    });
  });
  test('says where there are none', () => {
    expect(refused(() => requireProfile(readDirectory(server, urls), 'classic'))).toMatchObject({
      detail: 'the CA does not offer the profile "classic": it has no profiles',
      fix: 'remove spec.acme.profile from the issuer',
    });
  });
});

describe('keptDirectory', () => {
  test.each([
    ['a URL', 'https://ca.example/dir', 'https://ca.example/dir'],
    ['a user and a password', 'https://me:secret@ca.example/dir', 'https://***@ca.example/dir'],
    ['a user alone', 'https://token@ca.example/dir', 'https://***@ca.example/dir'],
    ['what is no URL', '-----BEGIN PRIVATE KEY-----MIGHAgEA', '-----BEGIN PRIVATE KEY--…'],
  ])('of %s', (_, text, kept) => {
    expect(keptDirectory(text)).toBe(kept);
    expect(directoryProblem(kept)?.fix).toBe(directoryProblem(text)?.fix);
  });
});
