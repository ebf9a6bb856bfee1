/** Loaded into the measured command before anything else: leaves what it used in the file that PEAK_FILE names. */
import { writeFileSync } from 'node:fs';

const file = process.env.PEAK_FILE;
if (file)
  process.on('exit', () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    writeFileSync(file, JSON.stringify({ rssBytes: maxRSS * 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 }));
  });
