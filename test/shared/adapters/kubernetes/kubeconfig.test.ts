/** Kubeconfig files as people have them, and what is refused of them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kubeconfigOfSecret, readKubeconfig } from '../../../../shared/adapters/kubernetes/kubeconfig.ts';
import { ProblemError } from '../../../../shared/contract/problem.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'nolapse-home-'));
  mkdirSync(join(home, '.kube'));
  writeFileSync(join(home, '.kube', 'ca.pem'), 'root');
});
afterAll(() => rmSync(home, { recursive: true }));

const CLUSTER = { server: 'https://api.example.com/' };
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Writes `~/.kube/config` and gives its path as people write it. */
function written(document: unknown): string {
  writeFileSync(join(home, '.kube', 'config'), typeof document === 'string' ? document : JSON.stringify(document));
  return '~/.kube/config';
}

const config = (user: object, cluster: object = CLUSTER): object => ({
  'current-context': 'one',
  clusters: [{ name: 'c', cluster }],
  users: [{ name: 'u', user }],
  contexts: [
    { name: 'one', context: { cluster: 'c', user: 'u' } },
    { name: 'two', context: { cluster: 'gone', user: 'u' } },
    { name: 'three', context: { cluster: 'c', user: 'gone' } },
  ],
});

const read = (document: unknown, context?: string) => readKubeconfig({ path: written(document), home }, context);

const problemFrom = (doing: () => unknown) => {
  try {
    doing();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  return undefined;
};

describe('a context', () => {
  test('is the current one unless another is named', () => {
    expect(read(config({ token: 't' }))).toMatchObject({ context: 'one', server: 'https://api.example.com' });
  });

  test('reads files beside the kubeconfig', () => {
    const access = read(config({ tokenFile: 'token' }, { ...CLUSTER, 'certificate-authority': 'ca.pem' }));
    expect(access.ca?.toString()).toBe('root');
    expect(access.user).toEqual({ by: 'token-file', path: join(home, '.kube', 'token') });
  });

  test.each([
    [{ token: ' t\n' }, { by: 'token', token: 't' }],
    [{}, { by: 'nothing' }],
    [
      { username: 'a', password: 'b' },
      { by: 'password', username: 'a', password: 'b' },
    ],
    [
      { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') },
      { by: 'certificate', cert: Buffer.from('cert'), key: Buffer.from('key') },
    ],
    [
      { exec: { command: 'aws', args: ['eks', 7], env: [{ name: 'A', value: 'b' }] } },
      { by: 'exec', exec: expect.objectContaining({ command: 'aws', args: ['eks', '7'], env: { A: 'b' } }) },
    ],
  ])('knows the user %j', (user, expected) => {
    expect(read(config(user)).user).toEqual(expected);
  });

  test('keeps the name for TLS and who is impersonated', () => {
    const access = read(config({ token: 't', as: 'auditor' }, { ...CLUSTER, 'tls-server-name': 'inner' }));
    expect(access).toMatchObject({ serverName: 'inner', impersonate: 'auditor' });
  });
});

describe('it is refused', () => {
  const user = { token: 't' };
  test.each([
    ['a context that is not there', config(user), 'four', /no context four/, /one, two, three/],
    ['a cluster that is not there', config(user), 'two', /the cluster gone/, /add the cluster gone/],
    ['a user that is not there', config(user), 'three', /the user gone/, /add the user gone/],
    ['http', config(user, { server: 'http://x' }), undefined, /only https/, /https URL/],
    ['no URL', config(user, { server: 'x' }), undefined, /only https/, /https URL/],
    [
      'TLS that is not verified',
      config(user, { ...CLUSTER, 'insecure-skip-tls-verify': true }),
      undefined,
      /insecure-skip-tls-verify/,
      /certificate-authority-data/,
    ],
    ['a proxy', config(user, { ...CLUSTER, 'proxy-url': 'http://p' }), undefined, /proxy-url/, /directly/],
    [
      'a CA that is not there',
      config(user, { ...CLUSTER, 'certificate-authority': 'no.pem' }),
      undefined,
      /ENOENT/,
      /no\.pem/,
    ],
    [
      'a certificate alone',
      config({ 'client-certificate-data': 'YQ==' }),
      undefined,
      /certificate alone/,
      /client-key/,
    ],
    ['an old auth-provider', config({ 'auth-provider': { name: 'gcp' } }), undefined, /auth-provider/, /exec/],
    ['a plugin without a command', config({ exec: {} }), undefined, /no command/, /exec\.command/],
    ['a file that is no mapping', 'text', undefined, /kubeconfig/, /kubectl config view/],
  ] as const)('for %s', (_, document, context, detail, fix) => {
    const problem = problemFrom(() => read(document, context));
    expect(problem).toMatchObject({ type: 'nolapse:kubeconfig', retry: 'never' });
    expect(problem?.detail).toMatch(detail);
    expect(problem?.detail).toContain(join(home, '.kube', 'config'));
    expect(problem?.fix).toMatch(fix);
  });

  test('without quoting the secrets of a file that is no YAML', () => {
    const problem = problemFrom(() => read('users:\n- name: u\n  user: { token: s3cr3t\n  ]'));
    expect(problem?.type).toBe('nolapse:kubeconfig');
    expect(JSON.stringify(problem)).not.toContain('s3cr3t');
  });

  test('when there is no file', () => {
    const problem = problemFrom(() => readKubeconfig({ path: '~/none', home }));
    expect(problem?.detail).toBe(`kubeconfig ${join(home, 'none')}: the file cannot be read (ENOENT)`);
  });
});

describe('the text of a secret', () => {
  const ofSecret = (document: unknown) => kubeconfigOfSecret('nolapse/edge', JSON.stringify(document));

  test('is read as a file is, and says which secret it is', () => {
    const access = ofSecret(config({ token: 't' }, { ...CLUSTER, 'certificate-authority-data': base64('root') }));
    expect(access).toMatchObject({ context: 'one', ca: Buffer.from('root'), user: { by: 'token', token: 't' } });
    const problem = problemFrom(() => kubeconfigOfSecret('nolapse/edge', 'text'));
    expect(problem?.detail).toBe('kubeconfig in the secret nolapse/edge: it is no YAML mapping');
  });

  test.each([
    ['the CA', config({}, { ...CLUSTER, 'certificate-authority': 'ca.pem' }), 'ca.pem', /certificate-authority-data/],
    ['a token', config({ tokenFile: '/run/token' }), '/run/token', /give token/],
    ['a token in the old spelling', config({ 'token-file': '/run/token' }), '/run/token', /give token/],
    ['a certificate', config({ 'client-certificate': 'a.pem' }), 'a.pem', /client-certificate-data/],
    [
      'a key',
      config({ 'client-certificate-data': base64('cert'), 'client-key': '/etc/key' }),
      '/etc/key',
      /client-key-data/,
    ],
  ])('may not name a file for %s', (_, document, file, fix) => {
    const problem = problemFrom(() => ofSecret(document));
    expect(problem).toMatchObject({
      type: 'nolapse:kubeconfig',
      detail: `kubeconfig in the secret nolapse/edge: it names the file ${file}, and a secret has none`,
      fix: expect.stringMatching(fix),
      retry: 'never',
    });
  });
});
