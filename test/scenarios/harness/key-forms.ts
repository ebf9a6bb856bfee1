/** Every form in which a private key could leave where it belongs, as bytes to look for. */
import { createPrivateKey, type KeyObject } from 'node:crypto';

/** The eight encodings. */
export const ENCODINGS = [
  'PEM line',
  'DER',
  'base64',
  'base64url',
  'hex',
  'JWK d',
  'last-applied-configuration',
  'JSON-escaped',
] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Any of its needles in a text means that the secret is there in that encoding. */
export interface Form {
  readonly encoding: Encoding;
  readonly needles: readonly Buffer[];
  /** What one who leaks would have written: for planting. */
  readonly example: Buffer;
}

const PEM_WIDTH = 64;
const BYTES_A_LINE = (PEM_WIDTH / 4) * 3;

/** What a JWK calls `d`: the private number itself, which every encoding of the key holds. */
function privateNumber(key: KeyObject): Buffer {
  const { d } = key.export({ format: 'jwk' });
  if (d === undefined) throw new TypeError('not a private key');
  return Buffer.from(d, 'base64url');
}

/** PKCS#8, and the older structure of its algorithm. */
function structuresOf({ asymmetricKeyType }: KeyObject) {
  if (asymmetricKeyType === 'rsa') return ['pkcs8', 'pkcs1'] as const;
  return asymmetricKeyType === 'ec' ? (['pkcs8', 'sec1'] as const) : (['pkcs8'] as const);
}

const ders = (key: KeyObject): readonly Buffer[] =>
  structuresOf(key).map((type) => key.export({ format: 'der', type }));

/** The PEM as given, and as others would write it. */
function pems(key: KeyObject, given: string): readonly string[] {
  const written = structuresOf(key).map((type) => key.export({ format: 'pem', type }).toString());
  return [...new Set([given, ...written, ...written.map((pem) => pem.trimEnd())])];
}

/** Lines of the PEM that hold bytes of the private number; the others may be those of a public key. */
function secretLines(der: Buffer, secret: Buffer): readonly string[] {
  const text = der.toString('base64');
  const from = der.indexOf(secret);
  const lines = text.match(new RegExp(`.{1,${PEM_WIDTH}}`, 'g')) ?? [];
  return lines.filter((line, i) => {
    const overlap = Math.min((i + 1) * BYTES_A_LINE, from + secret.length) - Math.max(i * BYTES_A_LINE, from);
    return line.length > PEM_WIDTH / 2 && overlap >= 8;
  });
}

const bytes = (text: string): Buffer => Buffer.from(text);
const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Forms of a private key in PEM. Throws where it is none. */
export function formsOfKey(pem: string): readonly Form[] {
  const key = createPrivateKey(pem);
  const secret = privateNumber(key);
  const all = ders(key);
  const texts = pems(key, pem);
  const inAll = (encode: (whole: Buffer) => string): readonly string[] => [...all, ...texts.map(bytes)].map(encode);
  const lines = all.flatMap((der) => secretLines(der, secret));
  const [line = '', der = Buffer.alloc(0)] = [lines[0], all[0]];
  const data = { 'tls.key': bytes(pem).toString('base64') };
  const applied = JSON.stringify(JSON.stringify({ kind: 'Secret', data }));
  const jwk = secret.toString('base64url');
  const form = (encoding: Encoding, example: string | Buffer, needles: readonly (string | Buffer)[]): Form => ({
    encoding,
    example: Buffer.from(example as string),
    needles: needles.map((needle) => Buffer.from(needle as string)),
  });
  return [
    form('PEM line', line, lines),
    form('DER', der, [secret]),
    form(
      'base64',
      der.toString('base64'),
      inAll((one) => one.toString('base64')),
    ),
    form(
      'base64url',
      der.toString('base64url'),
      inAll((one) => one.toString('base64url')),
    ),
    form('hex', der.toString('hex'), [
      ...[secret.toString('hex'), secret.toString('hex').toUpperCase()],
      ...inAll((one) => one.toString('hex')),
    ]),
    form('JWK d', JSON.stringify({ kty: 'RSA', d: jwk }), [jwk]),
    form('last-applied-configuration', applied, [escaped(`"tls.key":"${data['tls.key']}"`)]),
    form(
      'JSON-escaped',
      JSON.stringify({ key: pem }),
      texts.flatMap((one) => [escaped(one), escaped(escaped(one))]),
    ),
  ];
}

/** Forms of a secret that is a text, such as a token. */
export const formsOfText = (text: string): readonly Form[] => {
  const form = (encoding: Encoding, example: string): Form => ({
    encoding,
    example: bytes(example),
    needles: [bytes(example)],
  });
  return [
    form('PEM line', text),
    form('base64', bytes(text).toString('base64')),
    form('base64url', bytes(text).toString('base64url')),
    form('hex', bytes(text).toString('hex')),
    form('JSON-escaped', escaped(text)),
  ];
};

/** Forms of a secret that is bytes, such as a data key. */
export const formsOfBytes = (secret: Buffer): readonly Form[] =>
  (
    [
      ['DER', secret],
      ['base64', Buffer.from(secret.toString('base64').replace(/=+$/, ''))],
      ['base64url', Buffer.from(secret.toString('base64url'))],
      ['hex', Buffer.from(secret.toString('hex'))],
    ] as const
  ).map(([encoding, example]) => ({ encoding, example, needles: [example] }));
