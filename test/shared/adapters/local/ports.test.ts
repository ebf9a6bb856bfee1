/** The local world's stores under the contracts that every adapter is held to. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileSeal } from '../../../../shared/adapters/local/file-seal.ts';
import { folderBlobs } from '../../../../shared/adapters/local/folder-blobs.ts';
import { memoryBell } from '../../../../shared/adapters/local/memory-bell.ts';
import { terminalChannel } from '../../../../shared/adapters/local/terminal-channel.ts';
import type { Lane } from '../../../../shared/contract/ids.ts';
import type { AttemptContext } from '../../../../shared/contract/ports.ts';
import { bellContract } from '../../../contracts/bell.ts';
import { blobsContract } from '../../../contracts/blobs.ts';
import { channelContract } from '../../../contracts/channel.ts';
import { recordsContract } from '../../../contracts/records.ts';
import { sealingContract } from '../../../contracts/sealing.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const fresh = (): string => join(folder, randomUUID());
const nothing = async (): Promise<void> => undefined;

recordsContract('node:sqlite', {
  opener: join(import.meta.dirname, 'open-sqlite.ts'),
  make: async () => fresh(),
  remove: (where) => rm(where, { force: true }),
});

blobsContract('a folder', async () => {
  const path = fresh();
  return { blobs: folderBlobs(path), another: async () => folderBlobs(path), close: nothing };
});

bellContract('in one process', async () => {
  const bell = memoryBell();
  const heard = async (): Promise<readonly Lane[]> => {
    const lanes: Lane[] = [];
    for (let lane = bell.take(); lane !== undefined; lane = bell.take()) lanes.push(lane);
    return lanes;
  };
  return { bell, heard, close: nothing };
});

sealingContract('a key file', async () => {
  const file = fresh();
  const open = (path: string) => fileSeal<AttemptContext>(path);
  return { ...(await open(file)), reopened: () => open(file), stranger: () => open(fresh()), close: nothing };
});

channelContract('terminal', async () => {
  let shown: readonly string[] = [];
  let isClosed = false;
  const write = (text: string): void => {
    if (isClosed) throw new Error('EPIPE');
    shown = [...shown, text];
  };
  const received = async () => {
    const messages = shown.map((text) => {
      const [, subject = '', ...lines] = text.split('\n');
      return { subject, text: lines.map((line) => line.slice(2)).join('\n') };
    });
    shown = [];
    return messages;
  };
  return {
    channel: terminalChannel({ write, colour: false, width: 80 }),
    received,
    turnAway: async (isTurnedAway) => {
      isClosed = isTurnedAway;
    },
    close: nothing,
  };
});
