/** What a role may do with blobs: the snapshots of its sources, and the report that is made of all of them. */
import { REPORT_KEY } from '../contract/deployed.ts';
import { FLEET_SOURCE } from '../contract/ids.ts';
import { type Granted, granted, grantedOn } from './granted.ts';
import { clustersOf, isEverywhere, type Of } from './lane-rights.ts';
import { onlyVia } from './statements.ts';

/** Snapshots of the sources that this role looks at. */
export function snapshotRights(of: Of): readonly Granted[] {
  const { bucket, stateKey, region } = of.resources;
  const sources = [...clustersOf(of).map(({ name }) => name), ...(isEverywhere(of) ? [FLEET_SOURCE] : [])];
  if (sources.length === 0) return [];
  return [
    ...grantedOn(
      sources.map((source) => `${bucket}/snapshots/${source}`),
      { sid: 'KeepSnapshots', actions: ['s3:GetObject', 's3:PutObject'] },
      {
        because: 'the last good look at each source is a blob that is replaced whole',
        thief: 'reads and forges what is known of the clusters: names, dates, owners, no keys',
      },
    ),
    granted(
      {
        sid: 'MissSnapshots',
        actions: ['s3:ListBucket'],
        resources: [bucket],
      },
      {
        because: 'without it S3 says of a snapshot that was never made that it is denied, not that there is none',
        thief: 'lists the names of the sources',
      },
    ),
    granted(
      {
        sid: 'OpenSnapshots',
        actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
        resources: [stateKey],
        conditions: onlyVia('s3', region),
      },
      {
        because: 'blobs are encrypted with a key of the customer, which S3 uses in the name of whoever asks',
        thief: 'nothing beyond the snapshots: S3 alone can use it so',
      },
    ),
  ];
}

/** The report tells of all sources, so who writes it also reads the snapshots that others write. */
export function reportRights(of: Of): readonly Granted[] {
  if (!isEverywhere(of)) return [];
  const { bucket } = of.resources;
  const own = clustersOf(of);
  const others = of.fleet.clusters.filter((cluster) => !own.includes(cluster));
  return [
    ...grantedOn(
      others.map(({ name }) => `${bucket}/snapshots/${name}`),
      { sid: 'ReadOtherSnapshots', actions: ['s3:GetObject'] },
      {
        because: 'the report tells of all clusters, those that another copy of this function looks at among them',
        thief: 'reads what is known of these clusters: names, dates, owners, no keys',
      },
    ),
    granted(
      { sid: 'LeaveReport', actions: ['s3:PutObject'], resources: [`${bucket}/${REPORT_KEY}`] },
      {
        because: 'each pass over the fleet leaves the report, which the digest links',
        thief: 'shows people a page of its own making, which a browser keeps from everything but itself',
      },
    ),
  ];
}
