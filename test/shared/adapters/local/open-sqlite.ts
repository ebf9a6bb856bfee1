/** How another process opens the rows of the local world. */
import { sqliteRecords } from '../../../../shared/adapters/local/sqlite-records.ts';
import type { Records } from '../../../../shared/contract/records.ts';

export const open = async (file: string): Promise<Records & { close(): void }> => sqliteRecords(file);
