/** What a failed exchange is told as: the cause that node gives, in words. */
import { describe, expect, test } from 'vitest';
import { networkProblem } from '../../../../shared/adapters/acme/network-problem.ts';

const url = 'https://ca.example/dir';
const failed = (code: string, message: string): Error => Object.assign(new Error(message), { code });

describe('networkProblem', () => {
  test.each([
    ['ENOTFOUND', 'getaddrinfo ENOTFOUND ca.example', 'the name does not exist in DNS'],
    ['EAI_AGAIN', 'getaddrinfo EAI_AGAIN ca.example', 'DNS does not answer'],
    ['ECONNREFUSED', 'connect ECONNREFUSED 192.0.2.1:443', 'the connection was refused'],
    ['ECONNRESET', 'socket hang up', 'the connection was reset'],
    ['ENETUNREACH', 'connect ENETUNREACH', 'there is no route to the network'],
    ['CERT_HAS_EXPIRED', 'certificate has expired', 'its TLS certificate or protocol was not accepted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'not in the list', 'its TLS certificate or protocol was not accepted'],
    ['EPROTO', 'wrong version number', 'its TLS certificate or protocol was not accepted'],
    ['EWHATEVER', 'strange', 'the exchange failed'],
  ])('%s', (code, message, words) => {
    const cause = failed(code, message);
    const error = networkProblem(url, { error: cause });
    expect(error.problem).toEqual({
      type: 'nolapse:unreachable',
      detail: `${url}: ${words} (${message})`,
      retry: 'later',
      fix: 'check that this machine may reach it: name, port, proxy, firewall',
    });
    expect(error.cause).toBe(cause);
  });

  test.each(['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'])('%s asks for a caBundle', (code) => {
    expect(networkProblem(url, { error: failed(code, 'x') }).problem.fix).toContain('spec.acme.caBundle');
  });

  test('both addresses of a name are told', () => {
    const error = new AggregateError(
      [failed('ECONNREFUSED', 'connect ::1'), failed('ECONNREFUSED', 'connect 127.0.0.1')],
      'both',
    );
    const { detail } = networkProblem(url, { error }).problem;
    expect(detail).toBe(`${url}: the connection was refused (connect ::1; connect 127.0.0.1)`);
  });

  test('what is no error is told as it is', () => {
    expect(networkProblem(url, { error: 'odd' }).problem.detail).toBe(`${url}: the exchange failed (odd)`);
  });
});
