/** How another process opens the rows of the deployed world; it finds DynamoDB by its environment. */
import { dynamodbRecords } from '../../../../shared/adapters/aws/dynamodb-records.ts';
import type { Records } from '../../../../shared/contract/records.ts';

export const open = async (table: string): Promise<Records & { close(): void }> => dynamodbRecords({ table });
