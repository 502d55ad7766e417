/** Fails where the build is heavier than the page may be; sizes are gzipped. */

import { readFileSync, statSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const KB = 1024;
const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));
const html = gzipSync(readFileSync('dist/index.html')).length;

/** Everything that a page loads first: its entry, the route's chunk, and what both import. */
function loaded(...keys) {
  const files = new Set();
  const visit = (key) => {
    const chunk = manifest[key];
    if (files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const css of chunk.css ?? []) files.add(css);
    for (const other of chunk.imports ?? []) visit(other);
  };
  keys.forEach(visit);
  return [...files];
}

const size = (file) => {
  try {
    return statSync(`dist/${file}.gz`).size;
  } catch {
    return statSync(`dist/${file}`).size;
  }
};
const sum = (files) => files.reduce((total, file) => total + size(file), 0);
const vendor = (name) =>
  sum(
    Object.values(manifest)
      .map((chunk) => chunk.file)
      .filter((file) => file.includes(`/${name}-`)),
  );

const entry = 'index.html';
const login = 'src/features/auth/LoginPage.tsx';
const live = 'src/app/LivePage.tsx';
const own = (key) =>
  sum(loaded(key)) - sum(loaded(key).filter((file) => loaded(entry).includes(file)));

const budgets = [
  ['first load of /login', html + sum(loaded(entry, login)), 230],
  ['first load of the live page', html + sum(loaded(entry, live)), 300],
  ['requests of the live page', (loaded(entry, live).length + 1) * KB, 20],
  ['own chunks of /login', own(login), 40],
  ['own chunks of the live page', own(live), 40],
  ['react', vendor('react'), 80],
  ['mui', vendor('mui'), 125],
];

let isOver = false;
for (const [what, bytes, limit] of budgets) {
  const kb = bytes / KB;
  isOver ||= kb > limit;
  console.log(`${kb > limit ? '✘' : '✔'} ${what}: ${kb.toFixed(1)} / ${limit}`);
}
process.exitCode = isOver ? 1 : 0;
