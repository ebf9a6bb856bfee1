/** What name servers may say of a zone that no sandbox has them say. */
import { expect, test } from 'vitest';
import { zonesChecks } from '../../../cli/doctor/check-zones.ts';
import { diagnose } from '../../../cli/doctor/diagnose.ts';
import type { DnsAnswer, DnsAnswers, DnsRecord } from '../../../shared/contract/dns-answers.ts';
import type { Instruments } from '../../../shared/wiring/instruments.ts';

const OWN = ['ns-1.test', 'ns-2.test'];
const zone = { name: 'example.com', hostedZoneId: 'Z1' };

const answer = (more: Partial<DnsAnswer>): DnsAnswer => ({
  ...{ rcode: 'NOERROR', authoritative: false, answers: [], authorities: [] },
  ...more,
});
const ns = (targets: readonly string[]): readonly DnsRecord[] =>
  targets.map((target) => ({ name: 'example.com', type: 'NS', target }));

/** Servers of `com` that delegate to some; undefined = they say nothing of it. */
function dnsWith(delegated: readonly string[] | undefined): DnsAnswers {
  return {
    resolve: async (name, type) => {
      if (type === 'SOA') return answer({ answers: [{ name: 'com', type: 'SOA' }] });
      if (type === 'NS') return answer({ answers: name === 'com' ? [{ name, type, target: 'a.gtld.test' }] : [] });
      return answer({ answers: type === 'A' ? [{ name, type, address: '192.0.2.1' }] : [] });
    },
    ask: async (_address, _name, type) => {
      if (type === 'SOA') return answer({ authoritative: true, answers: [{ name: 'example.com', type }] });
      return delegated ? answer({ authorities: ns(delegated) }) : answer({ rcode: 'REFUSED' });
    },
  };
}

async function told(delegated: readonly string[] | undefined) {
  const route53 = {
    content: async () => ({ name: 'example.com', nameServers: OWN }),
    mayChange: async () => undefined,
  };
  const tools = { fleet: { zones: [zone] }, dns: dnsWith(delegated), here: { route53 } } as unknown as Instruments;
  const all = await diagnose(zonesChecks(tools, ['shop.example.com'], true), { limitMs: 60_000 });
  return Object.fromEntries(all.map(({ check, state }) => [check, state]));
}

test.each([
  ['all of its servers', OWN, 'ok'],
  ['some of its servers, which do', OWN.slice(1), 'warning'],
  ['a server that is not its own beside them', [...OWN, 'old.test'], 'broken'],
])('a zone that is delegated to %s', async (_, to, state) => {
  expect(await told(to)).toMatchObject({ delegation: state, 'name-servers': state === 'broken' ? 'waiting' : 'ok' });
});

test('a zone of which nobody says where it is has no server that could answer as its own', async () => {
  expect(await told(undefined)).toMatchObject({
    ...{ delegation: 'warning', 'name-servers': 'broken', challenges: 'waiting' },
  });
});
