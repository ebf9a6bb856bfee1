/** Where people are sent for the report. */
import { expect, test } from 'vitest';
import { reportAt } from '../../../../shared/wiring/aws/report-at.ts';

test.each([
  ['eu-west-1', 'https://console.aws.amazon.com/s3/object/blobs?region=eu-west-1&prefix=reports/latest.html'],
  ['cn-north-1', 'https://console.amazonaws.cn/s3/object/blobs?region=cn-north-1&prefix=reports/latest.html'],
  [
    'us-gov-west-1',
    'https://console.amazonaws-us-gov.com/s3/object/blobs?region=us-gov-west-1&prefix=reports/latest.html',
  ],
])('in %s', (region, link) => {
  expect(reportAt('blobs', region)).toEqual({
    link,
    command: `aws s3 cp --region ${region} s3://blobs/reports/latest.html .`,
  });
});
