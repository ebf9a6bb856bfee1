/** The functions of a deployed service, invoked by hand as `aws lambda invoke` does. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ProblemError } from '../../contract/problem.ts';
import { awsProblem } from './aws-problem.ts';

export interface Functions {
  /** What the function answered. Throws ProblemError: `aws:<ErrorCode>`, or `nolapse:function-failed` with what it said. */
  invoke(name: string, payload: object): Promise<unknown>;
  close(): void;
}

/** A function may run for a quarter of an hour, and its answer is waited for; asked again it would do the same once more. */
const WAITS = { requestHandler: { requestTimeout: 16 * 60_000, connectionTimeout: 5_000 }, maxAttempts: 1 };

export function lambdaFunctions(): Functions {
  const client = new LambdaClient(WAITS);
  return {
    invoke: async (name, payload) => {
      const { FunctionError, Payload } = await client
        .send(new InvokeCommand({ FunctionName: name, Payload: Buffer.from(JSON.stringify(payload)) }))
        .catch((error: unknown) => {
          throw new ProblemError(awsProblem(error, `invoking the function ${name}`));
        });
      const answer: unknown = JSON.parse(Buffer.from(Payload ?? []).toString('utf8') || 'null');
      if (FunctionError === undefined) return answer;
      const said = answer as { readonly errorMessage?: string } | null;
      throw new ProblemError({
        type: 'nolapse:function-failed',
        detail: `the function ${name} failed: ${said?.errorMessage ?? FunctionError}`,
        retry: 'later',
        fix: `read its log: aws logs tail /aws/lambda/${name}`,
      });
    },
    close: () => client.destroy(),
  };
}
