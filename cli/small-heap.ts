/**
 * A cluster has fifty thousand Secrets, and the pod of a cron job 256 MB: V8 may not let the heap grow to twice what it holds, nor what is
 * new in it to 32 MB. Imported before all else, because what has grown stays.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--optimize-for-size');
setFlagsFromString('--semi-space-growth-factor=1');
