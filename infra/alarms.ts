/** What wakes people when the service itself fails or falls silent. Straight to the topic: no alarm passes through a function of ours. */
import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { METRIC_NAMESPACE, METRICS, type MetricName } from '../shared/contract/metrics.ts';

/** Every kind of alarm is a heading of it. */
const RUNBOOK = 'docs/runbook.md';

export interface AlarmsProps {
  readonly service: string;
  readonly topic: ITopic;
  /** By name; of a copy with its reach. */
  readonly functions: ReadonlyMap<string, IFunction>;
  readonly deadLetters: Readonly<Record<string, IQueue>>;
}

interface Kind {
  /** Its heading in the runbook. */
  readonly code: string;
  readonly means: string;
  readonly threshold: number;
  readonly is: 'over' | 'under';
  /** Periods in a row. */
  readonly times: number;
  readonly silence: TreatMissingData;
}

type Ours = Kind & { readonly metric: MetricName; readonly statistic: string; readonly period: Duration };

/** Of the service's own metrics, one alarm each. */
const OURS: readonly Ours[] = [
  {
    code: 'no-inventory',
    means: 'No source was read wholly for three hours, or nothing says so: what expires meanwhile is not seen.',
    ...{ metric: METRICS.inventoryDone, statistic: 'Sum', period: Duration.hours(1) },
    ...{ threshold: 1, is: 'under', times: 3, silence: TreatMissingData.BREACHING },
  },
  {
    code: 'work-waits',
    means:
      'Something has been due for more than an hour and nobody does it, or wake, which looks every minute, is silent.',
    ...{ metric: METRICS.oldestDue, statistic: 'Maximum', period: Duration.minutes(5) },
    ...{ threshold: 3600, is: 'over', times: 3, silence: TreatMissingData.BREACHING },
  },
  {
    code: 'last-tenth',
    means: 'A certificate has less than 10 % of its lifetime left.',
    ...{ metric: METRICS.leastLifetime, statistic: 'Minimum', period: Duration.hours(1) },
    ...{ threshold: 10, is: 'under', times: 1, silence: TreatMissingData.IGNORE },
  },
  {
    code: 'no-subscription',
    means: 'Nobody has confirmed a subscription of the topic: messages and alarms are heard by nobody.',
    ...{ metric: METRICS.confirmedSubscriptions, statistic: 'Maximum', period: Duration.hours(1) },
    ...{ threshold: 1, is: 'under', times: 1, silence: TreatMissingData.IGNORE },
  },
];

/** One for every function and every queue of dead letters; no data is no error. */
const FUNCTION_ERRORS: Kind = {
  code: 'function-errors',
  means: 'The function ended with an error that it did not foresee.',
  ...{ threshold: 0, is: 'over', times: 1, silence: TreatMissingData.NOT_BREACHING },
};
const DEAD_LETTERS: Kind = {
  code: 'dead-letters',
  means: 'A call failed as often as it may and was put aside.',
  ...{ threshold: 0, is: 'over', times: 1, silence: TreatMissingData.NOT_BREACHING },
};

export class Alarms extends Construct {
  readonly #service: string;
  readonly #action: SnsAction;

  constructor(scope: Construct, id: string, { service, topic, functions, deadLetters }: AlarmsProps) {
    super(scope, id);
    this.#service = service;
    this.#action = new SnsAction(topic);
    for (const { metric, statistic, period, ...kind } of OURS)
      this.#add(
        kind,
        new Metric({
          namespace: METRIC_NAMESPACE,
          metricName: metric,
          dimensionsMap: { service },
          ...{ statistic, period },
        }),
      );
    const period = Duration.minutes(5);
    for (const [name, lambda] of functions) this.#add(FUNCTION_ERRORS, lambda.metricErrors({ period }), name);
    for (const [name, queue] of Object.entries(deadLetters))
      this.#add(DEAD_LETTERS, queue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }), name);
  }

  #add({ code, means, threshold, is, times, silence }: Kind, metric: Metric, of?: string): void {
    const alarm = new Alarm(this, of ? `${code} ${of}` : code, {
      alarmName: [this.#service, code, ...(of ? [of] : [])].join('-'),
      alarmDescription: `${of ? `${of}: ` : ''}${means} ${RUNBOOK}#${code}`,
      metric,
      threshold,
      comparisonOperator:
        is === 'over' ? ComparisonOperator.GREATER_THAN_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: times,
      treatMissingData: silence,
    });
    alarm.addAlarmAction(this.#action);
    alarm.addOkAction(this.#action);
  }
}
