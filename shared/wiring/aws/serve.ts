/** What all functions share: the event parsed, the one piece of work done, everything told in structured logs and metrics, the answer. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type Environment, environmentOf, type FunctionName } from '../../contract/environment.ts';
import { type Invocation, invocationOf } from '../../contract/invocation.ts';
import { METRIC_NAMESPACE, METRICS, type MetricName } from '../../contract/metrics.ts';
import type { Happened } from '../../contract/rows.ts';
import type { Opened, Watching } from './service.ts';

/** The part of Lambda's context that is needed. */
export interface Context {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

type Work<S> = {
  readonly [K in Invocation['is']]?: (asked: Extract<Invocation, { is: K }>, service: S) => Promise<unknown>;
};

/** Events that count, by what happened. */
const COUNTED: Readonly<Record<string, MetricName>> = {
  issued: METRICS.renewed,
  delivered: METRICS.delivered,
  'attempt-failed': METRICS.failed,
};
/** Events that somebody should look at. */
const TROUBLE = new Set(['attempt-failed', 'not-served', 'source-down', 'message-failed', 'not-recorded']);

function watching(environment: Environment, name: FunctionName): Watching & { readonly logger: Logger; flush(): void } {
  const logger = new Logger({ serviceName: environment.service, persistentKeys: { function: name } });
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: environment.service });
  const count = (metric: MetricName, value: number): void => void metrics.addMetric(metric, unitOf(metric), value);
  return {
    logger,
    count,
    lost: (what, { type, detail }) => logger.warn('lost', { what, type, problem: detail }),
    watch: ({ what, stage, subject, detail }: Happened) => {
      logger[TROUBLE.has(what) ? 'warn' : 'info'](what, { stage, subject, ...detail });
      const metric = COUNTED[what];
      if (metric) count(metric, 1);
    },
    flush: () => {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}

const unitOf = (metric: MetricName) =>
  metric === METRICS.oldestDue
    ? MetricUnit.Seconds
    : metric === METRICS.leastLifetime
      ? MetricUnit.Percent
      : MetricUnit.Count;

/**
 * The handler of a function. The environment is checked when the function starts; what it names is opened with the first event and kept.
 * An error leaves the function: its message goes back to the queue, and a caller hears of it.
 */
export function serve<S extends Opened>(
  name: FunctionName,
  open: (environment: Environment, watching: Watching) => Promise<S>,
  work: Work<S>,
) {
  const environment = environmentOf(name, process.env);
  const told = watching(environment, name);
  let opening: Promise<S> | undefined;
  return async (event: unknown, context: Context): Promise<unknown> => {
    told.logger.appendKeys({ request: context.awsRequestId });
    try {
      const asked = invocationOf(name, event);
      opening ??= open(environment, told);
      opening.catch(() => {
        opening = undefined;
      });
      const service = await opening;
      const does = work[asked.is] as ((asked: Invocation, service: S) => Promise<unknown>) | undefined;
      if (!does) throw new TypeError(`${name} does not answer ${asked.is}`);
      return await service.during(
        () => context.getRemainingTimeInMillis(),
        () => does(asked, service),
      );
    } catch (error) {
      told.logger.error('failed', {
        error: error instanceof Error ? { name: error.name, message: error.message } : String(error),
      });
      throw error;
    } finally {
      told.flush();
    }
  };
}

/** Lanes one after the other, as their messages came. */
export async function inTurn<L, A>(lanes: readonly L[], run: (lane: L) => Promise<A>): Promise<readonly A[]> {
  const answers: A[] = [];
  for (const lane of lanes) answers.push(await run(lane));
  return answers;
}
