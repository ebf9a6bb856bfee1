/** That the search finds a planted key in every encoding in every kind of place, and leaves alone what was sent on purpose. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { classify, type Protocol } from './classify.ts';
import { ENCODINGS } from './key-forms.ts';
import { leaksIn, registeredBytes, registeredKey, registeredText, tracesInFolder, tracesOfRequests } from './leaks.ts';
import type { Recorded } from './recorder.ts';
import type { Trace } from './traces.ts';

const pemOf = (type: 'rsa' | 'ec'): string =>
  type === 'rsa'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

const folder = mkdtempSync(join(tmpdir(), 'leaks-'));
afterAll(() => rmSync(folder, { recursive: true }));

function request(protocol: Protocol, method: string, path: string, body: Buffer, headers = {}): Recorded {
  const asked = classify(protocol, { method, path, headers, body });
  const at = { startedAt: 0, responseBody: Buffer.alloc(0), requestHeaders: headers, requestBody: body };
  return { ...asked, ...at, n: 1, server: protocol, protocol, method, path, query: '' };
}

const amz = (target: string) => ({
  authorization: 'AWS4-HMAC-SHA256 Credential=a/20260101/eu-west-1/secretsmanager/aws4_request',
  'x-amz-target': `secretsmanager.${target}`,
});
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const only = (one: Recorded): readonly Trace[] => tracesOfRequests([one]);

function inFile(name: string, content: Buffer): readonly Trace[] {
  mkdirSync(join(folder, 'state/.nolapse'), { recursive: true });
  writeFileSync(join(folder, name), content);
  return tracesInFolder(folder).filter(({ where }) => where === `file ${name}`);
}

/** Places that take any bytes. */
const bytePlaces: Readonly<Record<string, (planted: Buffer) => readonly Trace[]>> = {
  output: (planted) => [{ where: 'stdout', content: Buffer.concat([Buffer.from('fine\n'), planted]) }],
  state: (planted) => inFile('state/state.db', planted),
  'the write-ahead log': (planted) => inFile('state/state.db-wal', planted),
  'a hidden file': (planted) => inFile('state/.nolapse/x', planted),
  'a request body': (planted) => only(request('aws', 'POST', '/', planted, amz('ListSecrets'))),
};

/** Places that take text. */
const textPlaces: Readonly<Record<string, (planted: string) => readonly Trace[]>> = {
  'a JWS': (planted) =>
    only(request('acme', 'POST', '/new', json({ payload: Buffer.from(planted).toString('base64url'), protected: '' }))),
  'a form': (planted) =>
    only(
      request('aws', 'POST', '/', Buffer.from(new URLSearchParams({ Action: 'Publish', Message: planted }).toString())),
    ),
  'the annotation of a Secret': (planted) =>
    only(request('kubernetes', 'PATCH', '/api/v1/namespaces/a/secrets/b', Buffer.from(`{"a":${planted}`))),
};

describe.each(['rsa', 'ec'] as const)('a key of type %s', (type) => {
  const pem = pemOf(type);
  const issued = registeredKey('issued', pem, true);
  test.each(Object.keys(bytePlaces))('is found in %s in each encoding', (place) => {
    for (const { encoding, example } of issued.forms)
      expect(leaksIn(bytePlaces[place]?.(example) ?? [], [issued]), encoding).toContainEqual(
        expect.stringMatching(new RegExp(`: issued as ${encoding}$`)),
      );
    expect(issued.forms.map(({ encoding }) => encoding)).toEqual(ENCODINGS);
  });
  test.each(Object.keys(textPlaces))('is found in %s in each encoding that is text', (place) => {
    for (const { encoding, example } of issued.forms.filter((form) => form.encoding !== 'DER'))
      expect(leaksIn(textPlaces[place]?.(example.toString()) ?? [], [issued]), encoding).toContainEqual(
        expect.stringMatching(new RegExp(`: issued as ${encoding}$`)),
      );
  });
  test('is nowhere in its own certificate request or public key', () => {
    const [other] = [pemOf(type)];
    expect(leaksIn([{ where: 'x', content: Buffer.from(other) }], [issued])).toEqual(['x: a private key in PEM']);
  });
});

describe('a write that must carry the key', () => {
  const pem = pemOf('ec');
  const issued = registeredKey('issued', pem, true);
  const others = registeredKey("somebody's", pem);
  const base64 = Buffer.from(pem).toString('base64');
  const secret = (metadata: object) => ({ metadata, data: { 'tls.crt': 'eA==', 'tls.key': base64 } });
  const write = (body: object) => request('kubernetes', 'POST', '/api/v1/namespaces/a/secrets', json(body));
  const SecretString = JSON.stringify({ 'tls.key': pem, private_key: pem, certificate: 'x' });
  const put = (body: object) => request('aws', 'POST', '/', json(body), amz('PutSecretValue'));

  test('is no leak of the key that was issued, and one of any other', () => {
    for (const one of [write(secret({ name: 'b' })), put({ SecretString })]) {
      expect(leaksIn(only(one), [issued])).toEqual([]);
      expect(leaksIn(only(one), [others]).length).toBeGreaterThan(0);
    }
  });
  test('is one where the key is in another field too', () => {
    const annotated = write(secret({ annotations: { a: JSON.stringify({ key: base64 }) } }));
    const tagged = put({ SecretString, Tags: [{ Key: 'k', Value: pem }] });
    for (const one of [annotated, tagged]) expect(leaksIn(only(one), [issued]).length).toBeGreaterThan(0);
  });
  test('is one in a write to any other object', () => {
    const one = request('kubernetes', 'PATCH', '/api/v1/namespaces/a/configmaps/b', json(secret({})));
    expect(leaksIn(only(one), [issued]).length).toBeGreaterThan(0);
  });
});

test('a token is found as text, base64 and hex, but not in the header that it authenticates with', () => {
  const token = registeredText('token', 'east-nolapse-token');
  const headers = { authorization: 'Bearer east-nolapse-token' };
  expect(leaksIn(only(request('kubernetes', 'GET', '/api', Buffer.alloc(0), headers)), [token])).toEqual([]);
  for (const { example } of token.forms)
    expect(leaksIn([{ where: 'stdout', content: example }], [token]).length).toBeGreaterThan(0);
});

test('a data key is found in bytes and in what bytes are written as', () => {
  const key = registeredBytes('data key', Buffer.alloc(32, 'ûÿ', 'latin1'));
  const found = key.forms.flatMap(({ example }) =>
    leaksIn([{ where: 'a row', content: Buffer.concat([Buffer.from('x'), example]) }], [key]),
  );
  expect(found).toEqual(['DER', 'base64', 'base64url', 'hex'].map((form) => `a row: data key as ${form}`));
});
