/** The record that an API server keeps itself (audit.k8s.io/v1): who asked it to change what. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Without what the administrator and the server itself do, without reads, and without questions that nothing is kept of. */
const POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'None', userGroups: ['system:masters'] },
    { level: 'None', verbs: ['get', 'list', 'watch'] },
    { level: 'None', resources: [{ group: 'authorization.k8s.io' }, { group: 'authentication.k8s.io' }] },
    { level: 'Metadata' },
  ],
};

export const auditLogIn = (folder: string): string => join(folder, 'audit.log');

/** Arguments of an API server that keeps it in the folder. */
export async function auditArgs(folder: string): Promise<readonly string[]> {
  const policy = join(folder, 'audit-policy.json');
  await writeFile(policy, JSON.stringify(POLICY));
  return [`--audit-policy-file=${policy}`, `--audit-log-path=${auditLogIn(folder)}`];
}

interface Event {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly resource: string };
}

/** What is asked of the server from now on, `<user> <verb> <plural>`. */
export async function writesFromNow(log: string): Promise<() => Promise<readonly string[]>> {
  const { size } = await stat(log);
  return async () => {
    const lines = (await readFile(log)).subarray(size).toString().split('\n').filter(Boolean);
    const events = lines.map((line) => JSON.parse(line) as Event);
    return events.map(({ verb, user, objectRef }) => `${user.username} ${verb} ${objectRef?.resource}`);
  };
}
