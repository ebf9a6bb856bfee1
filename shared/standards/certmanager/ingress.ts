/** The Certificates that an Ingress asks for by its annotations: one for each tls block. `rules[].host` is never read, nor its class. */
import { type Field, fieldPath } from './field.ts';
import { type Blocks, certificatesBy, namesIssuer, type ShimReading, skippedBlock } from './shim.ts';

/** Go's strconv.ParseBool. */
const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];

const isTriggered = (annotations: Readonly<Record<string, string>>): boolean =>
  namesIssuer(annotations) || TRUE.includes(annotations['kubernetes.io/tls-acme'] ?? '');

/** A block without hosts or secretName is passed over; one Secret in two blocks, even no Secret in two, refuses all of them. */
function blocksOf(root: Field): Blocks {
  const read = root
    .at('spec')
    .at('tls')
    .items()
    .map((tls) => ({
      secretName: tls.at('secretName').text() ?? '',
      hosts: tls.at('hosts').texts(),
      pathOf: (field: string): string => fieldPath(tls.at(field).path),
    }));
  const refused = [...Map.groupBy(read, ({ secretName }) => secretName)].flatMap(([name, [first, second]]) =>
    first && second
      ? [
          `${first.pathOf('secretName')}: the Secret ${JSON.stringify(name)} is also named by ${second.pathOf('secretName')}`,
        ]
      : [],
  );
  const skipped = read.flatMap(({ secretName, hosts, pathOf }) => {
    const missing = [...(hosts.length === 0 ? ['hosts'] : []), ...(secretName === '' ? ['secretName'] : [])];
    return skippedBlock(
      'TLS',
      missing.map((field) => `${pathOf(field)}: Required value`),
    );
  });
  const blocks = read.filter(({ secretName, hosts }) => secretName !== '' && hosts.length > 0);
  return { blocks, skipped, refused };
}

export const certificatesOfIngress = (ingress: unknown): ShimReading =>
  certificatesBy({ what: 'ingress', isTriggered, blocksOf }, ingress);
