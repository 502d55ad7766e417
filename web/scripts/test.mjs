/** Runs the unit tests and says at the end, in one line, how many passed and failed. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'web-tests-'));
const report = join(folder, 'report.json');
try {
  const ended = spawnSync(
    'npx',
    [
      '--no-install',
      'vitest',
      'run',
      '--reporter=dot',
      '--reporter=json',
      `--outputFile=${report}`,
    ],
    { stdio: 'inherit' },
  );
  const told = JSON.parse(readFileSync(report, 'utf8'));
  const broken = told.testResults.filter((file) => file.status === 'failed' && file.message);
  const failed = told.numFailedTests + broken.length;
  console.log(`${told.numPassedTests} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : (ended.status ?? 1);
} finally {
  rmSync(folder, { recursive: true });
}
