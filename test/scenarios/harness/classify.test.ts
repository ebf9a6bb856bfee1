/** Which requests count as writes: the judge of "a dry run sends only reads" and "a second run changes nothing". */
import { describe, expect, test } from 'vitest';
import { classify, type Protocol } from './classify.ts';

const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AK/20261124/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
});
const target = (service: string, name: string) => ({ ...signed(service), 'x-amz-target': name });
const jws = (payload: string): Buffer =>
  Buffer.from(JSON.stringify({ protected: 'e30', payload: Buffer.from(payload).toString('base64url'), signature: '' }));
const none = Buffer.alloc(0);
const names = { '/order-plz': 'newOrder' };
const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

interface Case {
  readonly what: string;
  readonly protocol: Protocol;
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer;
  readonly asked: readonly [kind: 'read' | 'write', operation: string];
}

const secrets = '/api/v1/secrets';
const cases: readonly Case[] = [
  { what: 'a list', protocol: 'kubernetes', method: 'GET', path: secrets, asked: ['read', `GET ${secrets}`] },
  {
    what: 'a look at rights',
    protocol: 'kubernetes',
    method: 'POST',
    path: reviews,
    asked: ['read', `POST ${reviews}`],
  },
  { what: 'an apply', protocol: 'kubernetes', method: 'PATCH', path: secrets, asked: ['write', `PATCH ${secrets}`] },
  { what: 'a create', protocol: 'kubernetes', method: 'POST', path: secrets, asked: ['write', `POST ${secrets}`] },
  { what: 'a delete', protocol: 'kubernetes', method: 'DELETE', path: secrets, asked: ['write', `DELETE ${secrets}`] },
  {
    what: 'GetChange',
    protocol: 'aws',
    method: 'GET',
    path: '/2013-04-01/change/C1',
    headers: signed('route53'),
    asked: ['read', 'route53 GET /2013-04-01/change/C1'],
  },
  {
    what: 'a change batch',
    protocol: 'aws',
    method: 'POST',
    path: '/2013-04-01/hostedzone/Z1/rrset',
    headers: signed('route53'),
    asked: ['write', 'route53 POST /2013-04-01/hostedzone/Z1/rrset'],
  },
  {
    what: 'DescribeCluster',
    protocol: 'aws',
    method: 'GET',
    path: '/clusters/prod',
    headers: signed('eks'),
    asked: ['read', 'eks GET /clusters/prod'],
  },
  {
    what: 'DescribeSecret',
    protocol: 'aws',
    method: 'POST',
    path: '/',
    headers: target('secretsmanager', 'secretsmanager.DescribeSecret'),
    asked: ['read', 'secretsmanager DescribeSecret'],
  },
  {
    what: 'PutSecretValue',
    protocol: 'aws',
    method: 'POST',
    path: '/',
    headers: target('secretsmanager', 'secretsmanager.PutSecretValue'),
    asked: ['write', 'secretsmanager PutSecretValue'],
  },
  {
    what: 'GetCallerIdentity',
    protocol: 'aws',
    method: 'POST',
    path: '/',
    headers: signed('sts'),
    body: Buffer.from('Action=GetCallerIdentity&Version=2011-06-15'),
    asked: ['read', 'sts GetCallerIdentity'],
  },
  {
    what: 'AssumeRole',
    protocol: 'aws',
    method: 'POST',
    path: '/',
    headers: signed('sts'),
    body: Buffer.from('Action=AssumeRole'),
    asked: ['read', 'sts AssumeRole'],
  },
  {
    what: 'Publish',
    protocol: 'aws',
    method: 'POST',
    path: '/',
    headers: signed('sns'),
    body: Buffer.from('Action=Publish&Message=x'),
    asked: ['write', 'sns Publish'],
  },
  {
    what: 'an AWS request that says nothing of itself',
    protocol: 'aws',
    method: 'POST',
    path: '/',
    asked: ['write', 'unsigned POST'],
  },
  { what: 'the directory', protocol: 'acme', method: 'GET', path: '/dir', asked: ['read', 'GET /dir'] },
  { what: 'a new nonce', protocol: 'acme', method: 'HEAD', path: '/nonce', asked: ['read', 'HEAD /nonce'] },
  {
    what: 'POST-as-GET',
    protocol: 'acme',
    method: 'POST',
    path: '/order/1',
    body: jws(''),
    asked: ['read', 'POST-as-GET /order/1'],
  },
  {
    what: 'an answer to a challenge',
    protocol: 'acme',
    method: 'POST',
    path: '/chall/1',
    body: jws('{}'),
    asked: ['write', 'challenge'],
  },
  {
    what: 'a CSR',
    protocol: 'acme',
    method: 'POST',
    path: '/order/1/finalize',
    body: jws('{"csr":"MII"}'),
    asked: ['write', 'finalize'],
  },
  {
    what: 'a path that the directory names',
    protocol: 'acme',
    method: 'POST',
    path: '/order-plz',
    body: jws('{"identifiers":[]}'),
    asked: ['write', 'newOrder'],
  },
  {
    what: 'a body that is no JWS',
    protocol: 'acme',
    method: 'POST',
    path: '/x',
    body: Buffer.from('{'),
    asked: ['write', 'POST /x'],
  },
  {
    what: 'JSON that is no JWS',
    protocol: 'acme',
    method: 'POST',
    path: '/x',
    body: Buffer.from('null'),
    asked: ['write', 'POST /x'],
  },
];

describe('classify', () => {
  test.each(cases)(
    '$protocol: $what',
    ({ protocol, method, path, headers = {}, body = none, asked: [kind, operation] }) => {
      expect(classify(protocol, { method, path, headers, body }, names)).toEqual({ kind, operation });
    },
  );
});
