/**
 * Where people find the report. A link that opens it by itself would be signed with the role of a function and end within hours; the console
 * and the command ask for the reader's own rights instead: GetObject on the report and Decrypt with the key of the state.
 */
import { REPORT_KEY } from '../../contract/deployed.ts';

/** Domains of the console, by the beginning of a region; partitions that are not here have domains of their own. */
const CONSOLES = { 'cn-': 'console.amazonaws.cn', 'us-gov-': 'console.amazonaws-us-gov.com' } as const;

export function reportAt(bucket: string, region: string) {
  const [, domain = 'console.aws.amazon.com'] =
    Object.entries(CONSOLES).find(([begin]) => region.startsWith(begin)) ?? [];
  return {
    link: `https://${domain}/s3/object/${bucket}?region=${region}&prefix=${REPORT_KEY}`,
    command: `aws s3 cp --region ${region} s3://${bucket}/${REPORT_KEY} .`,
  };
}
