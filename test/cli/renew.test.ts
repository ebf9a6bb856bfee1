/** Renewing one certificate: when it is due, when it is not, when it is forced, when it must not be. */
import { describe, expect, test } from 'vitest';
import { renew } from '../../cli/renew.ts';
import { rows } from '../../shared/contract/records.ts';
import { certificateRows, ID, prepared, wanted } from './prepared.ts';
import { finding, happened, paper, planned } from './values.ts';

const entry = planned({ id: ID, destinations: [ID] });
const other = { ...entry, id: 'prod-eu/web/web-tls' };
const due = { plan: async () => ({ due: [other, entry], deferred: [] }) };
const asked = { id: 'shop-tls', force: false, dryRun: false };

describe('renew', () => {
  test('runs the one issuance that is due and tells what came of it', async () => {
    const happens = [happened('issued', { serial: '0a', notAfter: '2027-02-22T09:00:00.000Z' })];
    const session = await prepared({ rows: certificateRows(), local: due, happens });
    const answer = await renew(asked)(session);
    expect(session.calls).toEqual(['run one']);
    expect(answer.document).toMatchObject({ renewed: [{ id: ID, serial: '0a' }], failed: [] });
    expect(answer).toMatchObject({ failed: false, inProgress: false });
  });

  test('ends as failed when the attempt did, and tells findings of this certificate only', async () => {
    const findings = async () => [finding(), finding({ object: { kind: 'Secret', cluster: 'x', name: 'y' } })];
    const happens = [happened('attempt-failed', { stage: 'issue', type: 'nolapse:x', problem: 'no' })];
    const session = await prepared({ rows: certificateRows(), local: { ...due, findings }, happens });
    const answer = await renew(asked)(session);
    expect(answer).toMatchObject({ failed: true, findings: [finding()] });
  });

  test('does nothing when it is not due, and says when it is and how to have it now', async () => {
    const session = await prepared({ rows: certificateRows() });
    const answer = await renew(asked)(session);
    expect(session.calls).toEqual([]);
    expect(answer.lines(paper())).toEqual([
      `${ID} is not due: it is renewed in 30 days (2026-12-24 09:00`,
      'UTC).',
      `To renew it now all the same: nolapse renew ${ID} --force`,
    ]);
  });

  test('is in progress while it is due and must wait', async () => {
    const plan = async () => ({ due: [], deferred: [{ ...entry, reason: 'RateLimited' }] });
    const session = await prepared({ rows: certificateRows(), local: { plan }, json: true });
    const answer = await renew(asked)(session);
    expect(answer).toMatchObject({ inProgress: true, document: { renewed: [], failed: [] } });
    expect(session.said.join('\n')).toContain('RateLimited: its time has come');
    expect(session.calls).toEqual([]);
  });

  test('forces in the name of the user', async () => {
    const session = await prepared({ rows: certificateRows() });
    await renew({ ...asked, force: true })(session);
    expect(session.calls).toEqual([`force ${ID} by ada`, 'run one']);
  });

  test('changes nothing in a dry run, and shows this certificate alone', async () => {
    const session = await prepared({ rows: certificateRows(), local: due });
    const answer = await renew({ ...asked, dryRun: true })(session);
    expect(session.calls).toEqual([]);
    expect(answer.document).toEqual({ due: [entry], deferred: [] });
  });

  test('plans as if it were forced in a dry run that says so', async () => {
    const plans: unknown[] = [];
    const plan = async (options: unknown) => {
      plans.push(options);
      return { due: [entry], deferred: [] };
    };
    const session = await prepared({ rows: certificateRows(), local: { plan } });
    await renew({ ...asked, dryRun: true, force: true })(session);
    expect(plans).toEqual([{ only: new Set(['one']), forced: new Set([ID]) }]);
    expect(session.calls).toEqual([]);
  });

  test.each([
    ['that nobody asks for', [], 'nobody asks for this certificate, it was only found'],
    [
      'that may only be looked at',
      [rows.wanted(wanted({ held: { reason: 'audit', message: 'prod-eu is in audit mode' } }), 0)],
      'cannot be renewed: prod-eu is in audit mode',
    ],
  ])('refuses one %s, forced or not', async (_, given, message) => {
    const session = await prepared({ rows: given });
    const refusal = { name: 'InputError', problems: [{ where: ID, message }] };
    await expect(renew({ ...asked, force: true })(session)).rejects.toMatchObject(refusal);
    await expect(renew(asked)(session)).rejects.toMatchObject(refusal);
    expect(session.calls).toEqual([]);
  });
});
