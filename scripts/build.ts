import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { copyTokenizers } from './build/tokenizer.ts';

/** Bundle the operator to dist/doctune.mjs and each worker to dist/workers/<name>.mjs, with the tokenizers beside them; the images hold nothing else of ours. */

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** packages in CommonJS call `require`, which a module has not */
const banner =
  "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);";

const bundle = (entryPoints: Record<string, string>) =>
  build({
    entryPoints,
    outdir: dist,
    outExtension: { '.js': '.mjs' },
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: banner },
    // names of classes are seen in messages
    keepNames: true,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  });

/** a worker is a folder with an index.ts, which is its program */
function workers(): Record<string, string> {
  const folder = join(root, 'src', 'workers');
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'index.ts')));
  return Object.fromEntries(names.map((name) => [`workers/${name}`, join(folder, name, 'index.ts')]));
}

await rm(dist, { recursive: true, force: true });
const result = await bundle({ doctune: join(root, 'src', 'main.ts'), ...workers() });
await copyTokenizers(join(dist, 'tokenizers'));
for (const [path, { bytes }] of Object.entries(result.metafile.outputs))
  console.log(`${path}  ${(bytes / 1e6).toFixed(1)} MB`);
