/** Names that no challenge can prove, by the issuer alone. */
import { expect, test } from 'vitest';
import type { Solver } from '../../../../shared/contract/fleet.ts';
import { neverProved } from '../../../../shared/standards/certmanager/never-proved.ts';

const PUBLIC = 'https://acme-v02.api.letsencrypt.org/directory';
const PRIVATE = 'https://acme.corp.example/directory';
const [HTTP, DNS]: readonly [Solver, Solver] = [{ type: 'http01' }, { type: 'dns01' }];
const ofZone = (zone: string, solver: Solver): Solver => ({ ...solver, dnsZones: [zone] });

test.each<[string, string, string, readonly Solver[], string | undefined]>([
  ['a name by HTTP-01', 'shop.example.com', PUBLIC, [HTTP], undefined],
  ['a wildcard by DNS-01', '*.example.com', PUBLIC, [DNS], undefined],
  ['a wildcard by HTTP-01', '*.example.com', PUBLIC, [HTTP], 'wildcard'],
  [
    'a wildcard whose DNS-01 solver is another zone’s',
    '*.example.com',
    PUBLIC,
    [HTTP, ofZone('x.org', DNS)],
    'wildcard',
  ],
  ['a wildcard with both', '*.example.com', PUBLIC, [HTTP, DNS], undefined],
  ['no solver that matches', 'shop.example.com', PUBLIC, [ofZone('x.org', DNS)], 'no solver'],
  ['no solver at all', 'shop.example.com', PUBLIC, [], 'no solver'],
  ['a name of no public suffix at a public CA', 'wiki.corp.internal', PUBLIC, [HTTP], 'no public suffix'],
  ['a name of no public suffix at a private CA', 'wiki.corp.internal', PRIVATE, [HTTP], undefined],
  ['a name under a private suffix of the list', 'a.github.io', PUBLIC, [HTTP], undefined],
  ['what is no name', 'no name', PUBLIC, [], undefined],
])('%s', (_, name, server, solvers, expected) => {
  const found = neverProved(name, { type: 'acme', server, solvers }, {});
  if (expected === undefined) expect(found).toBeUndefined();
  else expect(found?.message).toContain(expected);
});
