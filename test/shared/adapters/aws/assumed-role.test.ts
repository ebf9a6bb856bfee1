/** What a session of a role is called; that the role is taken is tested where its credentials are used. */
import { expect, test } from 'vitest';
import { sessionNameOf } from '../../../../shared/adapters/aws/assumed-role.ts';

test.each([
  ['deliver', 'acme', 'nolapse-deliver-acme'],
  ['inventory', 'a'.repeat(63), `nolapse-inventory-${'a'.repeat(46)}`],
])('a session of %s of the fleet %s is one that STS takes', (who, fleet, name) => {
  expect(sessionNameOf(who, fleet)).toBe(name);
  expect(name).toMatch(/^[\w+=,.@-]{2,64}$/);
});
