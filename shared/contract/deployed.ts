/** Where a deployed service is: the one parameter by which its state and its functions are found again. */
import type { Environment, FunctionName } from './environment.ts';

/** Name of the Systems Manager parameter. */
export const parameterName = (service: string): string => `/nolapse/${service}`;

/** What of the parameter's JSON is read; addresses, never secrets. */
export interface Deployed extends Pick<Environment, 'table' | 'bucket' | 'fleet'> {
  /** ARN. */
  readonly topic: string;
  /** Names of the functions; copies in a Reach as `<function>@<reach>`. */
  readonly functions: Readonly<Record<FunctionName, string>> & Readonly<Record<string, string>>;
}
