/** Endpoints as text: one spelling for each, and which certificates are for them. */
import { describe, expect, test } from 'vitest';
import {
  annotatedEndpoints,
  endpointParts,
  endpointText,
  isCovered,
  readEndpoint,
} from '../../../../shared/standards/dns/endpoint.ts';

const spelt = (text: string): string => {
  const read = readEndpoint(text);
  return 'problem' in read ? read.problem : endpointText(read);
};

describe('an endpoint', () => {
  test.each([
    ['shop.example.com:443', 'shop.example.com:443'],
    ['SHOP.Example.com.:8443', 'shop.example.com:8443'],
    ['bücher.example:443', 'xn--bcher-kva.example:443'],
    ['10.0.0.1:443', '10.0.0.1:443'],
    ['[2001:DB8:0::1]:443', '[2001:db8::1]:443'],
  ])('%s has one spelling', (text, one) => {
    expect(spelt(text)).toBe(one);
    expect(endpointText(endpointParts(one))).toBe(one);
  });

  test.each([
    ['no port', 'shop.example.com', /is no <host>:<port>/],
    ['a URL', 'https://shop.example.com:443', /is no <host>:<port>/],
    ['an IPv6 address without brackets', '2001:db8::1:443', /is no <host>:<port>/],
    ['no host', ':443', /the name is empty/],
    ['a name in brackets', '[shop.example.com]:443', /in brackets is no IPv6 address/],
    ['a port too high', 'shop.example.com:65536', /not between 1 and 65535/],
    ['a wildcard', '*.example.com:443', /is a wildcard/],
    ['an underscore', 'a_b.example.com:443', /no DNS name may hold/],
    ['an address in disguise', '0x7f.1:443', /reads as an IP address/],
  ])('with %s is none', (_, text, problem) => {
    expect(spelt(text)).toMatch(problem);
  });

  test('that nobody has read is a fault of ours', () => {
    expect(() => endpointParts('x')).toThrow('not an endpoint: "x" is no <host>:<port>');
  });
});

test.each<[string, boolean]>([
  ['shop.example.com', true],
  ['a.example.com', true],
  ['a.b.example.com', false],
  ['example.com', false],
  ['xn--bcher-kva.test', true],
  ['10.0.0.1', true],
  ['2001:db8::1', true],
  ['10.0.0.2', false],
])('a certificate for %s: %s', (host, isOne) => {
  const dnsNames = ['Shop.example.com', '*.example.com', 'bücher.test', 'not a name'];
  expect(isCovered(host, { dnsNames, ipAddresses: ['10.0.0.1', '2001:DB8::1'] })).toBe(isOne);
});

test('an annotation of too many says how many count', () => {
  const text = Array.from({ length: 52 }, (_, i) => `shop.example.com:${i + 1}`).join();
  const read = annotatedEndpoints(
    { 'nolapse.dev/endpoints': text },
    { dnsNames: ['shop.example.com'], ipAddresses: [] },
  );
  expect([read.endpoints.length, read.problems]).toEqual([
    50,
    ['nolapse.dev/endpoints: only the first 50 of 52 count'],
  ]);
});
