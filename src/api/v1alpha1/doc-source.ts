import { z } from 'zod';
import { artifact } from './artifact.ts';
import { sharedStatus } from './conditions.ts';
import type { Kind, Resource } from './kind.ts';
import { claimRef, nameRef } from './references.ts';
import { atMostOneOf, exactlyOneOf, withRules } from './rules.ts';
import { progressFields, run, trainerStatus } from './run.ts';
import { bytes, count, duration, mapOf, time } from './scalars.ts';

const patterns = (what: string) => z.array(z.string().min(1).max(512)).max(64).default([]).describe(what);

const include = patterns('Glob patterns of the paths to read, such as "docs/**"; every readable file if empty.');
const exclude = patterns('Glob patterns of paths to leave out; they win over "include".');

// a leading dash would be taken for an option, and the rest is what git itself refuses in a name
const refName = () =>
  z
    .string()
    .min(1)
    .max(244)
    .regex(/^[^-\s~^:?*[\\][^\s~^:?*[\\]*$/);

const gitRef = withRules(
  z.strictObject({
    branch: refName().optional().describe('Branch whose newest commit is read.'),
    tag: refName().optional().describe('Tag that is read.'),
    commit: z
      .string()
      .max(64)
      .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/)
      .optional()
      .describe('Full hash of the commit that is read.'),
  }),
  atMostOneOf('git.ref', 'branch', 'tag', 'commit'),
);

const gitUrl = withRules(
  z
    .string()
    .max(2048)
    .regex(/^(https?|file):\/\/\S+$/),
  {
    cel: `!self.matches('^[a-z]+://[^/]*@')`,
    message: 'git.url must not hold credentials: put them into a Secret and name it in git.secretRef',
    holds: (url) => !/^[a-z]+:\/\/[^/]*@/.test(url),
  },
);

const git = z.strictObject({
  url: gitUrl.describe('Address of the repository: http, https, or file for one on a mounted volume.'),
  ref: gitRef
    .optional()
    .describe('What to read: at most one of branch, tag and commit; the default branch if not given.'),
  secretRef: nameRef('the Secret with the keys "username" and "password"')
    .optional()
    .describe('Credentials of a private repository; a token goes into "password". The operator never reads them.'),
  include,
  exclude,
});

const files = withRules(
  z.strictObject({
    configMapRef: nameRef('the ConfigMap').optional().describe('ConfigMap of which each key is a document.'),
    claimRef: claimRef('files.claimRef', 'the documents').optional().describe('Folder on a PersistentVolumeClaim.'),
    include,
    exclude,
  }),
  exactlyOneOf('files', 'configMapRef', 'claimRef'),
);

const spec = withRules(
  z.strictObject({
    suspend: z.boolean().default(false).describe('Stop looking for new documents; the artifact stays.'),
    interval: duration('interval', { min: '10s', max: '8760h' })
      .default('1h')
      .describe('Time between two looks at the source, such as "10m".'),
    git: git.optional().describe('Documents in a git repository.'),
    files: files.optional().describe('Documents in the namespace: a ConfigMap or a volume.'),
    maxDocumentSize: bytes().default('5Mi').describe('Larger documents are skipped and counted, such as "5Mi".'),
  }),
  exactlyOneOf('spec', 'git', 'files'),
);
export type DocSourceSpec = z.output<typeof spec>;

const status = z.strictObject({
  ...sharedStatus,
  source: z.string().max(2048).optional().describe('Where the documents come from, in one line.'),
  artifact: artifact.optional().describe('The documents; they stay while a newer fetch is under way or fails.'),
  artifactHash: z.string().max(64).optional().describe('Hash of the spec that the artifact was made from.'),
  documents: z
    .strictObject({
      total: count().describe('Documents in the artifact.'),
      skipped: count().describe('Files that were left out; skipped.jsonl in the artifact tells why.'),
      byFormat: mapOf(count(), 16).describe('Documents of each format.'),
    })
    .optional()
    .describe('What the artifact holds.'),
  lastFetchTime: time().optional().describe('When the source was last read with success.'),
  failures: count().optional().describe('Failed runs since the last success; each doubles the time to the next.'),
  run: run.optional().describe('The latest run.'),
  trainerStatus: trainerStatus.optional().describe('Last report of the worker.'),
  progress: z.strictObject(progressFields).optional().describe('Progress of the run.'),
});
export type DocSourceStatus = z.output<typeof status>;
export type DocSource = Resource<DocSourceSpec, DocSourceStatus>;

export const docSource = {
  kind: 'DocSource',
  plural: 'docsources',
  singular: 'docsource',
  shortName: 'docs',
  description: 'Documents from one place, fetched again and again, as an artifact named by its content.',
  spec,
  status,
  columns: [
    { name: 'SOURCE', type: 'string', jsonPath: '.status.source', description: 'Where the documents come from.' },
    { name: 'REVISION', type: 'string', jsonPath: '.status.artifact.revision', description: 'What was last read.' },
    { name: 'DOCS', type: 'integer', jsonPath: '.status.documents.total', description: 'Documents in the artifact.' },
  ],
  conditions: [
    { type: 'FetchFailed', meaning: 'the last run failed; the reason says whether it is tried again by itself' },
    { type: 'ArtifactOutdated', meaning: 'the artifact was made from an older spec' },
  ],
} as const satisfies Kind;
