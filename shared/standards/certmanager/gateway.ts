/** The Certificates that a Gateway asks for by its annotations: one for each Secret that its listeners end TLS with. Routes are never read. */
import { type Field, fieldPath } from './field.ts';
import { type Blocks, certificatesBy, namesIssuer, type ShimReading, skippedBlock } from './shim.ts';

const IGNORED = 'cert-manager.io/ignore-tls-listeners';
const PROTOCOLS: readonly string[] = ['HTTPS', 'TLS'];

/** Another group, kind or namespace, even one that a ReferenceGrant opens: the Secret would not be the Certificate's. */
function wrongInReference(ref: Field, own: string): readonly string[] {
  const at = (name: string): string => ref.at(name).text() ?? '';
  const no = (name: string, why: string): string => `${fieldPath(ref.at(name).path)}: ${why}`;
  return [
    ...(['', 'core'].includes(at('group')) ? [] : [no('group', `Unsupported value: ${JSON.stringify(at('group'))}`)]),
    ...(['', 'Secret'].includes(at('kind')) ? [] : [no('kind', `Unsupported value: ${JSON.stringify(at('kind'))}`)]),
    ...(['', own].includes(at('namespace'))
      ? []
      : [no('namespace', 'the Secret must be in the namespace of the Gateway')]),
  ];
}

function wrongIn(listener: Field, own: string): readonly string[] {
  const [hostname, tls] = [listener.at('hostname'), listener.at('tls')];
  const required = (field: Field): readonly string[] =>
    field.given ? [] : [`${fieldPath(field.path)}: Required value`];
  if (!tls.given) return [...required(hostname), ...required(tls)];
  const [refs, mode] = [tls.at('certificateRefs'), tls.at('mode')];
  // an API server fills in Terminate; a document of a file is as its author wrote it
  const isOther = mode.given && mode.text() !== 'Terminate';
  return [
    ...[hostname, refs].flatMap(required),
    ...refs.items().flatMap((ref) => wrongInReference(ref, own)),
    ...(isOther ? [`${fieldPath(mode.path)}: Unsupported value: ${JSON.stringify(mode.text())}`] : []),
  ];
}

/** The hosts of all listeners that name a Secret are in its Certificate. */
function blocksOf(root: Field, annotations: Readonly<Record<string, string>>): Blocks {
  const own = root.at('metadata').at('namespace').text() ?? 'default';
  const ignored = (annotations[IGNORED] ?? '').split(',').map((name) => name.trim());
  const hosts = new Map<string, string[]>();
  const skipped: string[] = [];
  for (const listener of root.at('spec').at('listeners').items()) {
    if (!PROTOCOLS.includes(listener.at('protocol').text() ?? '')) continue;
    if (listener.at('tls').at('mode').text() === 'Passthrough') continue;
    if (Object.hasOwn(annotations, IGNORED) && ignored.includes(listener.at('name').text() ?? '')) continue;
    const wrong = wrongIn(listener, own);
    skipped.push(...skippedBlock('listener', wrong));
    if (wrong.length > 0) continue;
    for (const ref of listener.at('tls').at('certificateRefs').items()) {
      const [name, host] = [ref.at('name').required(), listener.at('hostname').text()];
      if (name && host) hosts.set(name, [...(hosts.get(name) ?? []), host]);
    }
  }
  return { blocks: [...hosts].map(([secretName, of]) => ({ secretName, hosts: of })), skipped, refused: [] };
}

export const certificatesOfGateway = (gateway: unknown): ShimReading =>
  certificatesBy({ what: 'gateway', isTriggered: namesIssuer, blocksOf }, gateway);
