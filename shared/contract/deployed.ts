/** Where a deployed service is: the one parameter by which its state and its functions are found again. */
import type { FunctionName } from './environment.ts';

/** Name of the Systems Manager parameter. */
export const parameterName = (service: string): string => `/nolapse/${service}`;

/** The blob with the report that every pass over the fleet leaves. */
export const REPORT_KEY = 'reports/latest.html';

/** What of the parameter's JSON is read; addresses, never secrets. */
export interface Deployed {
  /** Of Nolapse, when it was deployed; absent = before this was said. */
  readonly version?: string;
  /** DynamoDB table of the rows. */
  readonly table: string;
  /** S3 bucket of the blobs. */
  readonly bucket: string;
  /** ARN. */
  readonly topic: string;
  /** Names of the functions; copies in a Reach as `<function>@<reach>`. */
  readonly functions: Readonly<Record<FunctionName, string>> & Readonly<Record<string, string>>;
}

/** The whole parameter: the rest is for people. */
export interface ParameterValue extends Deployed {
  /** ARNs. */
  readonly keys: Readonly<Record<'state' | 'attempts' | 'accounts', string>>;
  /** URLs, by what they feed. */
  readonly queues: Readonly<Record<string, string>>;
  readonly deadLetters: Readonly<Record<string, string>>;
  /** Name. */
  readonly bus: string;
  /** What stays when the stack is removed, as `cdk import --resource-mapping` takes it, so that the next one goes on with it. */
  readonly kept: Readonly<Record<string, object>>;
}
