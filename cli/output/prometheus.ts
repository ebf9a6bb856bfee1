/**
 * The inventory in Prometheus' text exposition format, for the textfile collector of node_exporter. What cert-manager measures has its
 * names, so that alert rules written for it hold here; what it does not measure begins with `nolapse_`.
 */
import { SEVERITIES } from '../../shared/contract/finding.ts';
import type { Iso } from '../../shared/contract/ids.ts';
import type { CertificateView } from '../../shared/contract/observation.ts';
import type { Inventory } from './documents.ts';

export type Measured = Pick<Inventory, 'certificates' | 'findings' | 'sources'>;

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly samples: Iterable<Sample>;
}

/** Backslash, quote and line feed, as the format has it; half a surrogate pair is no UTF-8, and one such label would lose the whole file. */
const escaped = (text: string): string =>
  text.toWellFormed().replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const seriesOf = (name: string, labels: Sample['labels']): string =>
  `${name}{${Object.entries(labels)
    .map(([label, text]) => `${label}="${escaped(text)}"`)
    .join(',')}}`;

/** Twice the same series and the collector refuses all of the file: the lower value stands, which is the one that alerts. */
function* linesOf({ name, help, samples }: Metric): Generator<string> {
  const values = new Map<string, number>();
  for (const { labels, value } of samples) {
    const series = seriesOf(name, labels);
    values.set(series, Math.min(value, values.get(series) ?? value));
  }
  if (values.size === 0) return;
  yield* [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`];
  for (const [series, n] of values) yield `${series} ${n}`;
}

const seconds = (at: Iso): number => Math.floor(Date.parse(at) / 1000);

/** cert-manager's `namespace`, `name` and `issuer_name`, and what a fleet needs besides to tell one from another. */
const labelsOf = (view: CertificateView): Sample['labels'] => ({
  cluster: view.cluster ?? '',
  namespace: view.namespace ?? '',
  name: view.name,
  kind: view.kind,
  issuer_name: view.issuer ?? '',
  managed_by: view.managedBy,
});

function* instants(
  certificates: readonly CertificateView[],
  at: (view: CertificateView) => Iso | undefined,
): Generator<Sample> {
  for (const view of certificates) {
    const instant = at(view);
    if (instant !== undefined) yield { labels: labelsOf(view), value: seconds(instant) };
  }
}

function findingCounts({ findings }: Measured): Metric {
  const samples = SEVERITIES.map((severity) => ({
    labels: { severity },
    value: findings.filter((finding) => finding.severity === severity).length,
  }));
  return { name: 'nolapse_findings', help: 'Open findings by severity.', samples };
}

function sourceMetrics({ sources }: Measured): readonly Metric[] {
  const read = sources.map(({ name, state }) => ({ labels: { source: name }, value: state === 'ok' ? 1 : 0 }));
  const at = sources.flatMap(({ name, asOf }) =>
    asOf === undefined ? [] : [{ labels: { source: name }, value: seconds(asOf) }],
  );
  return [
    { name: 'nolapse_source_up', help: 'Whether the last inventory could read this source.', samples: read },
    {
      name: 'nolapse_source_read_timestamp_seconds',
      help: 'When this source was last read wholly, in seconds since 1970.',
      samples: at,
    },
  ];
}

/** Lines of the exposition, each metric with its HELP and TYPE; none where there is nothing to say of a metric. */
export function* metricLines(inventory: Measured): Generator<string> {
  const { certificates } = inventory;
  const metrics: readonly Metric[] = [
    {
      name: 'certmanager_certificate_expiration_timestamp_seconds',
      help: 'When the certificate ends, in seconds since 1970.',
      samples: instants(certificates, (view) => view.notAfter),
    },
    {
      name: 'certmanager_certificate_renewal_timestamp_seconds',
      help: 'When the certificate is to be renewed, in seconds since 1970.',
      samples: instants(certificates, (view) => view.renewAt),
    },
    findingCounts(inventory),
    ...sourceMetrics(inventory),
  ];
  for (const metric of metrics) yield* linesOf(metric);
}
