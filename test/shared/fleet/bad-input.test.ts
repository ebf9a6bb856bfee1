/** Every bad fleet file is refused with the exact file, line, column and words. */
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../shared/contract/problem.ts';
import { type FleetFiles, loadFleet } from '../../../shared/fleet/load.ts';
import { BAD, GOOD } from './bad-input.ts';
import { ANSWERS } from './bad-input-answers.ts';
import { complaints, filesOf, loadFolder, loadText } from './folder.ts';

describe('a fleet file with', () => {
  test.each(BAD)('%s is refused', async (wrong, text) => {
    expect(text).not.toBe(GOOD);
    expect(await complaints(loadText(text))).toEqual(ANSWERS[wrong]);
  });

  test('an answer for every case, and a case for every answer', () => {
    expect(Object.keys(ANSWERS).sort()).toEqual(BAD.map(([wrong]) => wrong).sort());
  });

  test('nothing wrong loads', async () => {
    const { fleet, notices } = await loadText(GOOD);
    expect(fleet.certificates.map(({ id }) => id)).toEqual(['prod/shop/shop', 'fleet/api']);
    expect(notices).toEqual([]);
  });
});

const FLATTENED_FIX = [
  '(indent it again:',
  '  metadata:',
  '    name: …',
  '  spec:',
  '    acme:',
  '      email: …',
  '      server: …',
  '      solvers:',
  '        - http01:',
  '            ingress: …)',
].join('\n');

describe('input that is no manifest at all', () => {
  test.each([
    ['too many bytes', ' '.repeat(1_048_577), 'fleet.yaml:1:1: the file has 1048577 bytes, at most 1048576'],
    ['bytes that are not UTF-8', Uint8Array.of(0xff, 0xfe, 0x00), 'fleet.yaml:1:1: the file is not UTF-8 text'],
    [
      'brackets without end',
      `a: ${'['.repeat(20_000)}`,
      'fleet.yaml: is nested more than 200 levels deep (no manifest is)',
    ],
    [
      'an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(10)}]\nc: &c [${'*b,'.repeat(10)}]\nd: [${'*c,'.repeat(10)}]\n`,
      'fleet.yaml:1:1: Excessive alias count indicates a resource exhaustion attack',
    ],
    [
      'an alias that names nothing',
      'a: *b\n',
      'fleet.yaml:1:1: Unresolved alias (the anchor must be set before the alias): b',
    ],
    [
      'nothing',
      '',
      'fleet.yaml: there is no document of kind Fleet (add one: apiVersion: nolapse.dev/v1, kind: Fleet, metadata.name and spec.clusters)',
    ],
    ['alerting rules', 'groups: []\n', 'fleet.yaml:1:1: alerting rules (groups), not a manifest of a fleet'],
  ])('%s is refused', async (_, text, line) => {
    expect(await complaints(loadText(text))).toEqual([line]);
  });

  test('a flattened manifest is recognised, and the hidden address in it too', async () => {
    const text =
      'apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata:\nname: le\nspec:\nacme:\nemail: [email protected]\n';
    expect(await complaints(loadText(text))).toEqual([
      `fleet.yaml:3:1: this ClusterIssuer has lost its indentation: metadata is empty and name, acme, email stand in column 1, as copied from a web page ${FLATTENED_FIX}`,
      'fleet.yaml:7:8: email: the address became the list ["email protected"]: a web page hid it (write the address again, e.g. platform@example.com)',
    ]);
  });

  test('a file that is not there, or cannot be read, is named', async () => {
    const load = async (path: string, files: FleetFiles) => loadFleet({ path, home: '/', files });
    expect(await complaints(load('gone.yaml', filesOf({})))).toEqual(['gone.yaml: there is no such file or folder']);
    const denied = {
      ...filesOf({ a: '' }),
      readFileSync: () => {
        throw Object.assign(new Error('no'), { code: 'EACCES' });
      },
    };
    expect(await complaints(load('a', denied))).toEqual(['a: cannot be read: EACCES']);
  });
});

describe('errors of several files', () => {
  test('come all at once, in the order of files and lines, and name what else is wrong', async () => {
    const bad = GOOD.replace('mode: manage', 'mode: mange').replace('duration: 2160h', 'duration: 1d');
    const issuer =
      'apiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: { name: x, namespace: y }\nspec: { vault: { server: z } }\n';
    expect(
      await complaints(loadFolder({ 'b.yaml': bad, 'a.yml': issuer, 'c.json': '{"kind":"Fleet"}', 'd.txt': '}' })),
    ).toEqual([
      'fleet/a.yml:4:16: spec.vault: issuers of type vault are not honoured by Nolapse (use an acme, ca or selfSigned issuer, or leave its certificates to cert-manager)',
      'fleet/b.yaml:8:13: spec.clusters[0].mode: "mange" is not allowed; allowed: audit, manage (did you mean manage?)',
      'fleet/b.yaml:29:13: spec.duration: "1d" is no duration: unknown unit "d" (h, m, s, ms; 1d is 24h)',
      'fleet/c.json:1:1: apiVersion: is required; a Fleet has nolapse.dev/v1',
    ]);
  });

  test('are one error whose message holds every line', async () => {
    await expect(loadText('kind: X\n')).rejects.toThrow(InputError);
    await expect(loadText('kind: X\n')).rejects.toThrow(
      'fleet.yaml:1:7: kind: "X" is not read from a fleet file; allowed: Fleet, FleetCertificate, ClusterIssuer, Issuer, Certificate, Ingress, Gateway',
    );
  });

  test('an issuer that could not be read is not said to be missing', async () => {
    const lines = await complaints(loadText(GOOD.replace('https://acme.example/directory', 'nowhere')));
    expect(lines).toEqual([
      'fleet.yaml:17:13: spec.acme.server: "nowhere" is no URL (e.g. https://acme-v02.api.letsencrypt.org/directory)',
    ]);
  });
});
