/** The import directions of the house as dependency-cruiser rules: who may import whom, and which rooms stay pure. */
import type { IForbiddenRuleType } from 'dependency-cruiser';

const OURS = '^(functions|infra|cli|sandbox|test|shared)/';

const only = (name: string, from: string, to: string): IForbiddenRuleType => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: OURS, pathNot: to },
});

const PURE = '^shared/(contract|standards|fleet|rights|stages)/';
const TOUCHES_THE_WORLD =
  '(^|/)(@aws-sdk|@kubernetes|acme-client)(/|$)|^(node:)?(fs|fs/promises|http|http2|https|net|tls|dns|dns/promises|dgram|child_process|process|os|sqlite)$';

export const rules: readonly IForbiddenRuleType[] = [
  { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
  only('contract-imports-nothing-of-ours', '^shared/contract/', '^shared/contract/'),
  only('standards-know-the-contract-only', '^shared/standards/', '^shared/(contract|standards)/'),
  only('fleet-knows-contract-and-standards', '^shared/fleet/', '^shared/(contract|standards|fleet)/'),
  only('rights-know-the-fleet', '^shared/rights/', '^shared/(contract|standards|fleet|rights)/'),
  only('stages-never-meet', '^shared/stages/([^/]+)/', '^shared/(contract|standards)/|^shared/stages/$1/'),
  only('lanes-know-stages-not-adapters', '^shared/lanes/', '^shared/(contract|standards|stages|lanes)/'),
  only('adapters-know-no-lane', '^shared/adapters/', '^shared/(contract|standards|adapters|stages)/'),
  only('wiring-knows-no-command', '^shared/wiring/', '^shared/'),
  only('functions-know-wiring', '^functions/', '^(functions|shared/(contract|wiring))/'),
  only('infra-knows-fleet-and-rights', '^infra/', '^(infra|shared/(contract|fleet|rights))/'),
  only('sandbox-is-a-world-of-its-own', '^sandbox/', '^sandbox/'),
  {
    name: 'adapters-take-types-of-stages-only',
    severity: 'error',
    from: { path: '^shared/adapters/' },
    to: { path: '^shared/stages/', dependencyTypesNot: ['type-only'] },
  },
  { name: 'pure-rooms', severity: 'error', from: { path: PURE }, to: { path: TOUCHES_THE_WORLD } },
  {
    name: 'only-the-demo-opens-the-sandbox',
    severity: 'error',
    from: { path: '^cli/', pathNot: '^cli/demo' },
    to: { path: '^sandbox/' },
  },
  {
    name: 'product-never-needs-tests',
    severity: 'error',
    from: { path: '^(shared|functions|infra|cli)/' },
    to: { path: '^test/' },
  },
  {
    name: 'scenarios-know-no-particular-world',
    severity: 'error',
    from: { path: '^test/scenarios/[^/]+\\.scenario\\.ts$' },
    to: { path: '^(sandbox|test/real|shared|cli)/' },
  },
];
