/** Hosts that are asked by handshake where Secrets may not be read: which they are, what they show, and that nobody waits for them for long. */
import { expect, test } from 'vitest';
import type { HostSeen, IngressFacts } from '../../../../shared/contract/observation.ts';
import type { Handshakes } from '../../../../shared/contract/ports.ts';
import { ProblemError } from '../../../../shared/contract/problem.ts';
import { hostsOf, lookAtHosts } from '../../../../shared/stages/inventory/served-hosts.ts';
import { DAY, facts } from '../assess/judged-things.ts';
import { jumpingClock, problem } from '../issue/scripted.ts';

const ingress = (name: string, tls: IngressFacts['tls'], more: Partial<IngressFacts> = {}): IngressFacts => ({
  ...{ namespace: 'shop', name, tls, hosts: [] },
  ...more,
});
const inShort = (hosts: ReturnType<typeof hostsOf>) =>
  hosts.map(({ endpoint, references, places }) => [endpoint, references, places]);

test('are those of tls blocks, each once with all that lead to it; a wildcard is none', () => {
  const block = { hosts: ['Shop.example.com', '*.example.com'], secretName: 'tls' };
  const web = ingress('web', [block]);
  const ruled = ingress('ruled', [{ hosts: [] }], { hosts: ['shop.example.com', 'b.example.com'] });
  const plain = ingress('plain', [], { hosts: ['http.example.com'] });
  expect(inShort(hostsOf('prod', [web, ruled, plain], []))).toEqual([
    ['shop.example.com:443', ['Ingress shop/web', 'Ingress shop/ruled'], ['prod/shop/tls']],
    ['b.example.com:443', ['Ingress shop/ruled'], []],
  ]);
});

test('are where an Ingress says that it is served, under a wildcard too', () => {
  const block = { hosts: ['a.example.com', 'b.example.com', '*.w.example.com'], secretName: 'tls' };
  const web = ingress('web', [block], { endpoints: ['a.example.com:8443', 'x.w.example.com:443'] });
  const listener = { namespace: 'gw', host: 'g.example.com', port: 9443, by: 'Gateway gw/g', places: ['prod/gw/tls'] };
  expect(hostsOf('prod', [web], [listener]).map(({ endpoint }) => endpoint)).toEqual([
    ...['a.example.com:8443', 'x.w.example.com:443', 'b.example.com:443', 'g.example.com:9443'],
  ]);
});

const hostsAt = (n: number) =>
  hostsOf('prod', [ingress('web', [{ hosts: Array.from({ length: n }, (_, i) => `h${i}.example.com`) }])], []);
const briefly = (seen: readonly HostSeen[]) =>
  seen.map(({ shown, why }) => shown.map(({ serial }) => serial).join() || why);

test('show each certificate once, or why there is none', async () => {
  const [one, two] = [facts(DAY, { serial: '01' }), facts(DAY, { serial: '02', sha256: '02' })];
  const handshakes: Handshakes = {
    addressesOf: async (host) => {
      if (host.startsWith('h0')) return [];
      if (host.startsWith('h1')) throw new ProblemError(problem('nolapse:unresolved'));
      return ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'];
    },
    shake: async ({ host, address }) => {
      if (host.startsWith('h2') || address.endsWith('4')) return { is: 'unseen', why: 'it does not answer' };
      return { is: 'shown', chain: [address.endsWith('3') ? two : one] };
    },
  };
  expect(briefly(await lookAtHosts(hostsAt(4), { handshakes, clock: jumpingClock() }))).toEqual([
    'its name has no address',
    'nolapse:unresolved',
    'it does not answer',
    '01,02',
  ]);
});

test('are asked side by side, and no more of them than there is time for', async () => {
  const clock = jumpingClock();
  let asked = 0;
  const handshakes: Handshakes = {
    addressesOf: async () => ['10.0.0.1'],
    shake: async () => {
      asked += 1;
      await clock.sleep(10_000);
      return { is: 'unseen', why: 'it does not answer' };
    },
  };
  const seen = await lookAtHosts(hostsAt(1_000), { handshakes, clock });
  expect([seen.length, asked, clock.elapsed()]).toEqual([1_000, 64, 20_000]);
  expect(briefly(seen.slice(-1))).toEqual(['there was no time left to ask it']);
});

test('do not keep anybody waiting by having many addresses', async () => {
  const clock = jumpingClock();
  const handshakes: Handshakes = {
    addressesOf: async () => Array.from({ length: 30 }, (_, i) => `10.0.0.${i + 1}`),
    shake: async ({ address }) => {
      await clock.sleep(10_000);
      return address.endsWith('.1')
        ? { is: 'shown', chain: [facts(DAY, { serial: '01' })] }
        : { is: 'unseen', why: '' };
    },
  };
  expect(briefly(await lookAtHosts(hostsAt(2), { handshakes, clock }))).toEqual(['01', '01']);
  expect(clock.elapsed()).toBe(20_000);
});
