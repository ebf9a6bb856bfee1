/** The shape of spec.notifications: where messages go, and when the digest is said. */
import * as z from 'zod';
import { WEEKDAYS } from '../contract/fleet.ts';

/** What is wrong with them is said without them: people put the URL itself where its place is asked for. */
const secretive = (pattern: RegExp, error: string) => z.string().refine((text) => pattern.test(text), { error });

const slack = z
  .strictObject({
    webhookSecretId: secretive(
      /^(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:)?[\w/+=.@-]{1,512}$/,
      'what is there is no name and no ARN of a secret in Secrets Manager',
    )
      .optional()
      .describe('Name or ARN of a secret in Secrets Manager whose whole text is the URL of an incoming webhook'),
    webhookUrlEnv: secretive(/^[A-Za-z_]\w*$/, 'what is there is no name of an environment variable')
      .optional()
      .describe('Name of an environment variable that has the URL; not in the deployed service'),
  })
  .refine((given) => (given.webhookSecretId === undefined) !== (given.webhookUrlEnv === undefined), {
    error: 'must have exactly one of webhookSecretId, webhookUrlEnv',
  });

const digest = z.strictObject({
  at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is no time of the day (HH:MM, 00:00 to 23:59)'),
  timezone: z.string().min(1).describe('A name of the IANA time zone database, e.g. Europe/Berlin'),
  days: z.array(z.enum(WEEKDAYS)).min(1).default(['mon', 'tue', 'wed', 'thu', 'fri']),
});

export const notifications = z.strictObject({
  sns: z
    .strictObject({
      topicArn: z
        .string()
        .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/, 'is no ARN of a standard SNS topic'),
    })
    .optional(),
  slack: slack.optional(),
  digest: digest.optional().describe('When the deployed service says how things stand; nolapse digest says it at once'),
});

export type NotificationsEntry = z.output<typeof notifications>;
