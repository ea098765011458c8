import { z } from 'zod';
import { run, version } from './run.ts';

const gitRef = z.strictObject({ branch: z.string(), tag: z.string(), commit: z.string() }).partial();
/** glob patterns of paths; of a web page the path of its address counts */
const selection = { include: z.array(z.string()), exclude: z.array(z.string()) };

const git = z.strictObject({
  url: z.string(),
  ref: gitRef,
  ...selection,
  submodules: z.boolean().default(false),
  /** folder mounted from the Secret, with the files `username` and `password`, or `identity` and `known_hosts` */
  credentials: z.string().optional(),
});

const web = z.strictObject({
  urls: z.array(z.string()),
  sitemap: z.string().nullable(),
  maxPages: z.int(),
  maxDepth: z.int(),
  allowHosts: z.array(z.string()),
  respectRobots: z.boolean(),
  /** requests a second to one host */
  rate: z.number(),
  timeoutSeconds: z.int(),
  /** file with certificates in PEM form */
  caFile: z.string().optional(),
  ...selection,
});

const s3 = z.strictObject({
  endpoint: z.string().nullable(),
  region: z.string(),
  bucket: z.string(),
  prefix: z.string(),
  /** folder mounted from the Secret, with the files `accessKeyId` and `secretAccessKey` */
  credentials: z.string().optional(),
  ...selection,
});

/** a mounted ConfigMap or claim */
const files = z.strictObject({ path: z.string(), ...selection });

export const screeningSchema = z.strictObject({
  secrets: z.enum(['Redact', 'Skip', 'Off']).default('Redact'),
  personalData: z.enum(['Redact', 'Off']).default('Redact'),
  licences: z.strictObject({ allow: z.array(z.string()), deny: z.array(z.string()) }).default({ allow: [], deny: [] }),
});
export type Screening = z.infer<typeof screeningSchema>;

export const fetchInputSchema = z.strictObject({
  version,
  run,
  source: z.union([
    z.strictObject({ git }),
    z.strictObject({ web }),
    z.strictObject({ s3 }),
    z.strictObject({ files }),
  ]),
  screening: screeningSchema.prefault({}),
  cleaning: z.enum(['Standard', 'Off']).default('Standard'),
  limits: z.strictObject({
    maxDocumentBytes: z.int().min(1),
    maxTotalBytes: z.int().min(1),
    maxDocuments: z.int().min(1),
    /** of converting one document, such as a PDF */
    convertSeconds: z.int().min(1).default(60),
    convertMemoryBytes: z
      .int()
      .min(1)
      .default(512 * 2 ** 20),
  }),
  /** networks that may be reached although they are private, in CIDR form; set by who runs the operator */
  allowedNetworks: z.array(z.string()).default([]),
});
export type FetchInput = z.infer<typeof fetchInputSchema>;
