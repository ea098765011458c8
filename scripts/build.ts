import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { copyTokenizers } from './build/tokenizer.ts';

/** Bundle the operator to dist/doctune.mjs and each worker to dist/workers/<name>.mjs, with the tokenizers beside them; the images hold nothing else of ours. */

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** packages in CommonJS use `require` and `__filename`, which a module has not */
const banner =
  "import { createRequire as __createRequire } from 'node:module';" +
  'const require = __createRequire(import.meta.url), __bundle = import.meta.filename;';

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
    define: { __filename: '__bundle' },
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

/** The program of the child processes that read documents, which stands beside the workers that start it. */
const childPrograms = { 'workers/read-document': join(root, 'src/workers/documents/bounded/read-document.ts') };

/** data that libraries of the child program read at run time, as src/workers/documents/assets.ts finds it */
const assets = ['pdfjs-dist/cmaps', 'pdfjs-dist/standard_fonts', '@vscode/tree-sitter-wasm/wasm'];

async function copyAssets(): Promise<void> {
  for (const asset of assets) {
    const target = join(dist, 'workers', 'assets', asset);
    await mkdir(target, { recursive: true });
    await cp(join(root, 'node_modules', asset), target, {
      recursive: true,
      // their programs are in the bundle
      filter: (path) => !/\.(?:js|ts)$/.test(path),
    });
  }
}

await rm(dist, { recursive: true, force: true });
const result = await bundle({ doctune: join(root, 'src', 'main.ts'), ...workers(), ...childPrograms });
await copyAssets();
await copyTokenizers(join(dist, 'tokenizers'));
for (const [path, { bytes }] of Object.entries(result.metafile.outputs))
  console.log(`${path}  ${(bytes / 1e6).toFixed(1)} MB`);
