/** The three schedules, whatever the size of the fleet: what is due every minute, the fleet's inventory every hour, the digest at its time. */
import { Duration, Stack, TimeZone, Validations } from 'aws-cdk-lib';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Digest } from '../shared/contract/fleet.ts';
import { deadLetterQueue } from './queues.ts';

export interface SchedulesProps {
  readonly wake: IFunction;
  readonly notify: IFunction;
  readonly digest?: Digest;
}

interface Entry {
  readonly description: string;
  readonly schedule: ScheduleExpression;
  readonly target: IFunction;
  readonly says: Readonly<Record<string, string>>;
  /** For as long as a late call is better than none: the next one comes by itself. */
  readonly isWorthwhileFor: Duration;
}

/** `09:00` on weekdays as `cron(0 9 ? * MON,TUE,WED,THU,FRI *)`, in the digest's own time zone. */
function timeOf({ at, days, timezone }: Digest): ScheduleExpression {
  const [hour = '', minute = ''] = at.split(':').map((part) => String(Number(part)));
  const weekDay = days.join(',').toUpperCase();
  return ScheduleExpression.cron({ minute, hour, weekDay, timeZone: TimeZone.of(timezone) });
}

export class Schedules extends Construct {
  /** Calls that Scheduler could not make. */
  readonly deadLetters: Queue;
  readonly #role: Role;

  constructor(scope: Construct, id: string, { wake, notify, digest }: SchedulesProps) {
    super(scope, id);
    this.deadLetters = deadLetterQueue(this, 'dead letters');
    Validations.of(this.deadLetters).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is a queue of dead letters itself: the schedules write into it, not another queue.',
    });
    this.#role = this.#roleFor([wake, notify]);
    this.#add('Due', {
      description: 'rings every lane that has something due',
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      ...{ target: wake, says: { wake: 'due' }, isWorthwhileFor: Duration.minutes(1) },
    });
    this.#add('Inventory', {
      description: 'rings the inventory of every source',
      schedule: ScheduleExpression.rate(Duration.hours(1)),
      ...{ target: wake, says: { wake: 'inventory' }, isWorthwhileFor: Duration.minutes(30) },
    });
    if (digest)
      this.#add('Digest', {
        description: 'sends the digest',
        schedule: timeOf(digest),
        ...{ target: notify, says: { digest: 'due' }, isWorthwhileFor: Duration.hours(4) },
      });
  }

  /** May call these functions, in this version of them, and nothing else. */
  #roleFor(functions: readonly IFunction[]): Role {
    const { account } = Stack.of(this);
    const role = new Role(this, 'Role', {
      description: 'Nolapse: what the schedules may call',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    });
    new Policy(this, 'Rights', {
      roles: [role],
      statements: [
        new PolicyStatement({
          sid: 'Call',
          actions: ['lambda:InvokeFunction'],
          resources: functions.map(({ functionArn }) => functionArn),
        }),
        new PolicyStatement({
          sid: 'DeadLetters',
          actions: ['sqs:SendMessage'],
          resources: [this.deadLetters.queueArn],
        }),
      ],
    });
    return role;
  }

  #add(id: string, { description, schedule, target, says, isWorthwhileFor }: Entry): void {
    new Schedule(this, id, {
      description: `Nolapse: ${description}`,
      schedule,
      target: new LambdaInvoke(target, {
        input: ScheduleTargetInput.fromObject(says),
        role: this.#role.withoutPolicyUpdates(),
        retryAttempts: 3,
        maxEventAge: isWorthwhileFor,
        deadLetterQueue: this.deadLetters,
      }),
    });
  }
}
