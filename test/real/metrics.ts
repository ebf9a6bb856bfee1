/** Proves with promtool that `inventory -o prometheus` is what Prometheus takes, and that the article's alert rule holds on it as it stands. */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { metricLines } from '../../cli/output/prometheus.ts';
import type { CertificateView } from '../../shared/contract/observation.ts';
import { command } from './command.ts';

const RULE = resolve(import.meta.dirname, '../data/manifests/alert-rule.yaml');
const METRIC = 'certmanager_certificate_expiration_timestamp_seconds';

/** Rules are tested from 1970 on, minute by minute. */
const view = (name: string, notAfter: string): CertificateView => ({
  ...{ id: `prod-eu/shop/${name}`, cluster: 'prod-eu', namespace: 'shop', name, kind: 'Certificate', names: [] },
  ...{ issuer: 'O="A\\B",\nCN=ä', notAfter, renewAt: '1970-01-05T00:00:00.000Z', state: 'ok', managedBy: 'nolapse' },
});

const lines = [
  ...metricLines({
    certificates: [
      view('ended', '1969-12-30T00:00:00.000Z'),
      view('soon', '1970-01-14T23:00:00.000Z'),
      view('later', '1970-01-16T00:00:00.000Z'),
    ],
    findings: [],
    sources: [{ name: 'prod-eu', state: 'ok', asOf: '1970-01-01T00:00:00.000Z' }],
  }),
];

/** `later` has 15 days at the start, 14 days and 22 hours when the rule is asked. */
const alerts = (names: readonly string[]) =>
  names.map((name) => ({
    exp_labels: {
      ...{ severity: 'warning', cluster: 'prod-eu', namespace: 'shop', name, kind: 'Certificate' },
      ...{ issuer_name: 'O="A\\B",\nCN=ä', managed_by: 'nolapse' },
    },
    exp_annotations: { summary: 'Certificate expiring in less than 14 days' },
  }));

function ruleTest(firing: readonly string[], evalTime: string) {
  const series = lines.filter((line) => line.startsWith(METRIC)).map((line) => /^(.*) (-?\d+)$/s.exec(line) ?? []);
  return {
    rule_files: [RULE],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: series.map(([, of, value]) => ({ series: of, values: `${value}x180` })),
        alert_rule_test: [
          { eval_time: evalTime, alertname: 'CertificateExpirationWarning', exp_alerts: alerts(firing) },
        ],
      },
    ],
  };
}

/** Throws when promtool finds a fault in the metrics, or the alert rule fires for anything but what ends within 14 days for an hour. */
export async function checkMetrics(promtool: string, folder: string): Promise<void> {
  const metrics = join(folder, 'nolapse.prom');
  await writeFile(metrics, lines.map((line) => `${line}\n`).join(''));
  await command('sh', ['-c', 'exec "$0" check metrics < "$1"', promtool, metrics]);
  const test = async (firing: readonly string[], evalTime: string): Promise<void> => {
    const file = join(folder, 'rule-test.yaml');
    await writeFile(file, JSON.stringify(ruleTest(firing, evalTime)));
    await command(promtool, ['test', 'rules', file]);
  };
  await test([], '59m');
  await test(['ended', 'soon'], '2h');
  console.log(`\n  passed  promtool takes the metrics, and the article's alert rule holds on them (3 assertions)`);
}
