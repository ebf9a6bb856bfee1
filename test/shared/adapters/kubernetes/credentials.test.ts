/** Who we are for a cluster: certificates, tokens that are read or made anew, and plugins that run only when they may. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { kubernetesClusterReader } from '../../../../shared/adapters/kubernetes/kubernetes-cluster-reader.ts';
import type { ClusterConnection } from '../../../../shared/adapters/kubernetes/kubernetes-transport.ts';
import { CLUSTER_CONFIG, type ClusterWorld, openCluster } from './world.ts';

let world: ClusterWorld;
beforeAll(async () => {
  world = await openCluster({ ...CLUSTER_CONFIG, clientCa: true });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await world.clearFaults();
});
afterAll(() => world.close());

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const uidBy = (connection: ClusterConnection): Promise<string> => kubernetesClusterReader(connection).uid();

/** A plugin that prints `status`, and counts in a file how often it ran. */
function plugin(name: string, script: string): string {
  const path = join(world.folder, name);
  writeFileSync(path, `#!/bin/sh\necho run >> "${path}.runs"\n${script}\n`);
  chmodSync(path, 0o700);
  return path;
}
const prints = (status: object): string =>
  `echo '${JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status })}'`;

describe('a cluster is read', () => {
  test('with a client certificate', async () => {
    const admin = world.ready.clients.find(({ user }) => user === 'admin');
    const connection = await world.connect({
      'client-certificate-data': base64(admin?.certPem ?? ''),
      'client-key-data': base64(admin?.keyPem ?? ''),
    });
    expect(await uidBy(connection)).toBe(world.ready.uid);
    expect((await world.seen()).at(-1)?.user).toBe('admin');
  });

  test('with a token file, read again when its token is refused', async () => {
    const path = join(world.folder, 'token');
    writeFileSync(path, 'an old token');
    const connection = await world.connect({ tokenFile: path });
    await expect(uidBy(connection)).rejects.toMatchObject({ problem: { type: 'kubernetes:Unauthorized' } });
    writeFileSync(path, 'admin-token\n');
    expect(await uidBy(connection)).toBe(world.ready.uid);
  });

  test('with a plugin that may run, told before and run once', async () => {
    const command = plugin('good', prints({ token: 'admin-token' }));
    const told: string[] = [];
    const exec = { command, args: ['--client-secret=hush', '--token', 'hush', 'plain'] };
    const connection = await world.connect({ exec }, { allowExec: true, announce: (line) => void told.push(line) });
    expect(told).toEqual([]);
    await Promise.all([uidBy(connection), uidBy(connection)]);
    expect(told).toEqual([
      `running the credential plugin of context here: ${command} --client-secret=*** --token *** plain`,
    ]);
  });

  test('with a new token once the plugin’s has ended', async () => {
    const command = plugin('ended', prints({ token: 'admin-token', expirationTimestamp: '2020-01-01T00:00:00Z' }));
    const connection = await world.connect({ exec: { command } }, { allowExec: true });
    expect(await uidBy(connection)).toBe(world.ready.uid);
    await world.fault({ kind: '401', count: 1 });
    expect(await uidBy(connection)).toBe(world.ready.uid);
  });

  test('with the client certificate of a plugin', async () => {
    const admin = world.ready.clients.find(({ user }) => user === 'admin');
    const status = { clientCertificateData: admin?.certPem, clientKeyData: admin?.keyPem };
    const command = plugin('certificate', `cat <<'END'\n${JSON.stringify({ status })}\nEND`);
    const connection = await world.connect({ exec: { command } }, { allowExec: true });
    expect(await uidBy(connection)).toBe(world.ready.uid);
  });
});

test('the EKS plugins are understood, never run, and asked anew once when refused', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  const args = ['eks', 'get-token', '--cluster-name', 'shop', '--region', 'eu-west-1'];
  const connection = await world.connect({ exec: { command: join(world.folder, 'aws'), args } });
  const before = (await world.seen()).length;
  await expect(uidBy(connection)).rejects.toMatchObject({ problem: { type: 'kubernetes:Unauthorized' } });
  expect((await world.seen()).length - before).toBe(2);
});

describe('it is refused', () => {
  test('a plugin that may not run, without running it', async () => {
    const command = plugin('forbidden', 'exit 1');
    await expect(world.connect({ exec: { command } })).rejects.toMatchObject({
      problem: { type: 'nolapse:exec-not-allowed', retry: 'never', fix: expect.stringContaining('--allow-exec') },
    });
  });

  test.each([
    ['fails', 'echo "no login" >&2; exit 3', /failed: no login/],
    ['prints no credential', 'echo \'{"token":"s3cr3t"\'', /printed no ExecCredential/],
  ])('a plugin that %s, without its output', async (name, script, detail) => {
    const command = plugin(name.replaceAll(' ', '-'), script);
    const connection = await world.connect({ exec: { command } }, { allowExec: true });
    const error = await uidBy(connection).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ problem: { type: 'nolapse:exec-plugin', detail: expect.stringMatching(detail) } });
    expect(JSON.stringify(error)).not.toContain('s3cr3t');
  });

  test('a plugin that is not there, with its own hint', async () => {
    const exec = { command: 'no-such-plugin-here', installHint: 'brew install it\nor not' };
    const connection = await world.connect({ exec }, { allowExec: true });
    await expect(uidBy(connection)).rejects.toMatchObject({
      problem: { detail: expect.stringContaining('is not installed'), fix: 'brew install it' },
    });
  });

  test('a token that the cluster does not know', async () => {
    const connection = await world.connect({ token: 'unknown' });
    await expect(uidBy(connection)).rejects.toMatchObject({
      problem: { type: 'kubernetes:Unauthorized', status: 401, fix: expect.stringContaining('renew the credentials') },
    });
  });
});
