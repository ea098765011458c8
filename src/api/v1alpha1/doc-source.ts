import { z } from 'zod';
import { artifact } from './artifact.ts';
import { sharedStatus } from './conditions.ts';
import type { Kind, Resource } from './kind.ts';
import { claimRef, configMapKeyRef, nameRef } from './references.ts';
import { atMostOneOf, exactlyOneOf, withRules } from './rules.ts';
import { progressFields, run, trainerStatus } from './run.ts';
import { bytes, count, decimal, duration, mapOf, setOf, time } from './scalars.ts';

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
    .regex(/^(https?|file|ssh):\/\/\S+$/),
  {
    // the user name of ssh is no secret
    cel: `!self.matches('^(https?|file)://[^/]*@') && !self.matches('^ssh://[^/@]*:[^/@]*@')`,
    message: 'git.url must not hold credentials: put them into a Secret and name it in git.secretRef',
    holds: (url) => !/^(https?|file):\/\/[^/]*@/.test(url) && !/^ssh:\/\/[^/@]*:[^/@]*@/.test(url),
  },
);

const git = z.strictObject({
  url: gitUrl.describe('Address of the repository: https, http, ssh, or file for one on a mounted volume.'),
  ref: gitRef
    .optional()
    .describe('What to read: at most one of branch, tag and commit; the default branch if not given.'),
  secretRef: nameRef('the Secret with "username" and "password", or for ssh "identity" and "known_hosts"')
    .optional()
    .describe('Credentials of a private repository; a token goes into "password". The operator never reads them.'),
  submodules: z.boolean().default(false).describe('Whether documents of submodules are read too.'),
  include,
  exclude,
});

const webUrl = z
  .string()
  .max(2048)
  .regex(/^https?:\/\/[^\s@]+$/);

const web = withRules(
  z.strictObject({
    urls: setOf(webUrl, 0, 64).default([]).describe('Pages to begin at; links are followed from there.'),
    sitemap: webUrl.optional().describe('Address of a sitemap whose pages are read.'),
    maxPages: z.int().min(1).max(100_000).default(500).describe('Pages that are read at the most.'),
    maxDepth: z.int().min(0).max(32).default(3).describe('Links that lead from a first page to one that is read.'),
    allowHosts: setOf(z.string().min(1).max(253), 0, 32)
      .default([])
      .describe('Hosts that may be read besides those of the addresses.'),
    respectRobots: z.boolean().default(true).describe('Whether robots.txt is obeyed.'),
    rate: decimal('web.rate', { above: 0, max: 100 })
      .default('2')
      .describe('Requests a second to one host at the most.'),
    timeout: duration('web.timeout', { min: '1s', max: '10m' }).default('30s').describe('Time that one page may take.'),
    caConfigMapRef: configMapKeyRef('certificates in PEM form', 'ca.crt')
      .optional()
      .describe('Authorities to trust besides the public ones.'),
    include,
    exclude,
  }),
  {
    cel: 'size(self.urls) > 0 || has(self.sitemap)',
    message: 'web needs an address in "urls" or a "sitemap"',
    holds: ({ urls, sitemap }) => urls.length > 0 || sitemap !== undefined,
  },
);

const s3 = z.strictObject({
  endpoint: z
    .string()
    .max(2048)
    .regex(/^https?:\/\/[^\s@]+$/)
    .optional()
    .describe('Address of an S3-compatible service; Amazon itself if not given.'),
  region: z.string().min(1).max(64).default('us-east-1').describe('Region of the bucket.'),
  bucket: z
    .string()
    .min(3)
    .max(63)
    .regex(/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/)
    .describe('Name of the bucket.'),
  prefix: z.string().max(1024).default('').describe('Start of the keys to read, such as "docs/".'),
  secretRef: nameRef('the Secret with the keys "accessKeyId" and "secretAccessKey"')
    .optional()
    .describe('Credentials; the identity of the pod, or none, if not given. The operator never reads them.'),
});

const files = withRules(
  z.strictObject({
    configMapRef: nameRef('the ConfigMap').optional().describe('ConfigMap of which each key is a document.'),
    claimRef: claimRef('files.claimRef', 'the documents').optional().describe('Folder on a PersistentVolumeClaim.'),
    s3: s3.optional().describe('Objects in a bucket of an S3-compatible service.'),
    include,
    exclude,
  }),
  exactlyOneOf('files', 'configMapRef', 'claimRef', 's3'),
);

const licenceList = (what: string) => setOf(z.string().min(1).max(128), 0, 64).default([]).describe(what);

const screening = z.strictObject({
  secrets: z
    .enum(['Redact', 'Skip', 'Off'])
    .default('Redact')
    .describe('Keys and tokens in documents: Redact them, Skip the document, or Off.'),
  personalData: z
    .enum(['Redact', 'Off'])
    .default('Redact')
    .describe('Mail addresses, telephone, bank, card and identity numbers of people: Redact them, or Off.'),
  licences: z
    .strictObject({
      allow: licenceList(
        'SPDX identifiers of the only licences that are read, "NONE" for documents without one; all if empty.',
      ),
      deny: licenceList('SPDX identifiers of licences that are not read.'),
    })
    .prefault({})
    .describe('Documents by licence, as their SPDX line or the LICENSE file above them tells it.'),
});

const spec = withRules(
  z.strictObject({
    suspend: z.boolean().default(false).describe('Stop looking for new documents; the artifact stays.'),
    interval: duration('interval', { min: '10s', max: '8760h' })
      .default('1h')
      .describe('Time between two looks at the source, such as "10m".'),
    git: git.optional().describe('Documents in a git repository.'),
    web: web.optional().describe('Pages of a web site.'),
    files: files.optional().describe('Documents in a ConfigMap, on a volume or in a bucket.'),
    screening: screening.prefault({}).describe('What must not leave the cluster.'),
    cleaning: z
      .enum(['Standard', 'Off'])
      .default('Standard')
      .describe(
        'Standard: one Unicode form, no invisible characters, broken encodings mended. Code and punctuation stay.',
      ),
    maxDocumentSize: bytes().default('5Mi').describe('Larger documents are skipped and counted, such as "5Mi".'),
  }),
  exactlyOneOf('spec', 'git', 'web', 'files'),
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
      bySkipReason: mapOf(count(), 32).optional().describe('Files that were left out, by reason.'),
      redactions: z
        .strictObject({
          secrets: count().describe('Keys and tokens that were redacted.'),
          personalData: count().describe('Pieces of personal data that were redacted.'),
        })
        .optional()
        .describe('What was taken out of the documents.'),
      unanswered: z
        .strictObject({
          kept: count().describe('Pages that are as they were before.'),
          missing: count().describe('Pages that were never read before, and are missing.'),
        })
        .optional()
        .describe('Pages that failed for a reason that may pass.'),
      licences: mapOf(count(), 16).optional().describe('Documents of each licence.'),
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
