/**
 * Installs and builds, each only where what it is made of has changed.
 *
 * `node scripts/build-if-changed.mjs [install|build]`; a build installs first.
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const MANIFESTS = ['package.json', 'package-lock.json', '.npmrc'];
const SOURCES = ['src', 'public', 'scripts', 'index.html', 'vite.config.ts', 'tsconfig.json'];

function* filesUnder(name) {
  const path = join(root, name);
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) yield name;
  else for (const each of readdirSync(path).toSorted()) yield* filesUnder(join(name, each));
}

function hashOf(names) {
  const hash = createHash('sha256').update(process.version);
  for (const name of names.flatMap((each) => [...filesUnder(each)])) {
    hash
      .update(name)
      .update('\0')
      .update(readFileSync(join(root, name)))
      .update('\0');
  }
  return hash.digest('hex');
}

function unlessStamped(stamp, names, what, command, ...words) {
  const path = join(root, stamp);
  const hash = hashOf(names);
  if (existsSync(path) && readFileSync(path, 'utf8') === hash) return;
  console.log(`▶ ${what}`);
  execFileSync(command, words, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, hash);
}

unlessStamped(
  'node_modules/.stamp',
  MANIFESTS,
  '화면의 패키지를 설치합니다 / installing the packages of the page',
  'npm',
  'ci',
  '--silent',
);
if (process.argv[2] !== 'install') {
  unlessStamped(
    'dist/.stamp',
    [...MANIFESTS, ...SOURCES],
    '화면을 만듭니다 / building the page',
    'npm',
    'run',
    'build',
    '--silent',
  );
}
