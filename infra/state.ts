/** What must survive everything else: the rows, the blobs and the keys they are sealed with. Stays when the stack is removed. */
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { TABLE } from '../shared/contract/table.ts';

const text = (name: string) => ({ name, type: AttributeType.STRING });

/** A key that turns every year and outlives the stack: what it has sealed can be read by nothing else. */
const keptKey = (scope: Construct, id: string, description: string): Key =>
  new Key(scope, id, { description, enableKeyRotation: true, removalPolicy: RemovalPolicy.RETAIN });

export class State extends Construct {
  readonly table: Table;
  readonly bucket: Bucket;
  /** Rows and blobs are encrypted with it where they lie. */
  readonly key: Key;
  /** Private keys of certificates are sealed with it, from their making to their delivery. */
  readonly attemptKey: Key;
  /** Private keys of ACME accounts are sealed with it. */
  readonly accountKey: Key;

  constructor(scope: Construct, id: string, { service }: { readonly service: string }) {
    super(scope, id);
    this.key = keptKey(this, 'Key', `Nolapse ${service}: rows and snapshots where they lie`);
    this.attemptKey = keptKey(this, 'AttemptKey', `Nolapse ${service}: seals private keys of certificates`);
    this.accountKey = keptKey(this, 'AccountKey', `Nolapse ${service}: seals private keys of ACME accounts`);
    this.table = this.#tableOfRows();
    this.bucket = this.#bucketOfBlobs();
  }

  /** The indexes are sparse and hold keys alone, because a row is always read whole and fresh. */
  #tableOfRows(): Table {
    // not TableV2: with a customer key it cannot be made for a region that is not known yet
    const table = new Table(this, 'Table', {
      partitionKey: text(TABLE.partitionKey),
      sortKey: text(TABLE.sortKey),
      timeToLiveAttribute: TABLE.timeToLive,
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const { name, partitionKey, sortKey } of Object.values(TABLE.indexes))
      table.addGlobalSecondaryIndex({
        ...{ indexName: name, partitionKey: text(partitionKey), sortKey: text(sortKey) },
        projectionType: ProjectionType.KEYS_ONLY,
      });
    return table;
  }

  #bucketOfBlobs(): Bucket {
    const bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.KMS,
      encryptionKey: this.key,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [
        {
          noncurrentVersionExpiration: Duration.days(30),
          expiredObjectDeleteMarker: true,
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Only the functions read it, each under a role of its own, and what it holds is made anew every hour; CloudTrail has data events for who must log them.',
    });
    return bucket;
  }
}
