/** What Lambda itself does with the role of a function: write its log, and put it into a network. No code of ours makes these calls. */
import { type Granted, granted } from '../shared/rights/granted.ts';
import type { Copy } from './copies.ts';

export const logRights = (logGroupArn: string): readonly Granted[] => [
  granted(
    { sid: 'WriteLog', actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroupArn] },
    {
      because: 'Lambda writes the log of the function with its role',
      thief: 'writes into the log of this function what did not happen',
    },
  ),
];

/** Network interfaces have no names before they are made; calls of the function's own code carry the condition's key, and are refused. */
export const networkRights = ({ reach }: Copy): readonly Granted[] =>
  reach === undefined
    ? []
    : [
        granted(
          {
            sid: 'EnterNetwork',
            actions: [
              'ec2:AssignPrivateIpAddresses',
              'ec2:CreateNetworkInterface',
              'ec2:DeleteNetworkInterface',
              'ec2:DescribeNetworkInterfaces',
              'ec2:DescribeSecurityGroups',
              'ec2:DescribeSubnets',
              'ec2:DescribeVpcs',
              'ec2:UnassignPrivateIpAddresses',
            ],
            resources: ['*'],
            conditions: { Null: { 'lambda:SourceFunctionArn': ['true'] } },
          },
          {
            because: `Lambda makes the network interfaces of ${reach.name} with the role, which it checks when the function is made`,
            thief: 'nothing: what carries the identity of a function is refused',
          },
        ),
      ];
