/** Where a deployed service is, from its one parameter in Systems Manager. */
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type ParameterValue, parameterName } from '../../contract/deployed.ts';
import { InputError, ProblemError } from '../../contract/problem.ts';
import { awsCode, awsProblem } from './aws-problem.ts';
import { TIME_OUTS } from './time-outs.ts';

/** Throws InputError where no service of that name is deployed in the account and region of the environment, else ProblemError. */
export async function deployedAt(service: string): Promise<ParameterValue> {
  const name = parameterName(service);
  const client = new SSMClient({ requestHandler: TIME_OUTS });
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name }));
    return JSON.parse(Parameter?.Value ?? '') as ParameterValue;
  } catch (error) {
    if (awsCode(error) !== 'ParameterNotFound')
      throw new ProblemError(awsProblem(error, `reading the parameter ${name}`));
    const message = `no service ${JSON.stringify(service)} is deployed here: there is no parameter ${name}`;
    const fix = 'check AWS_PROFILE and AWS_REGION, or list what there is: aws ssm describe-parameters';
    throw new InputError([{ where: '--service', message, fix }]);
  } finally {
    client.destroy();
  }
}
