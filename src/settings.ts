import { parseArgs } from 'node:util';
import { z } from 'zod';
import { logLevels } from './controller/log.ts';

const port = (preset: number, what: string) =>
  z.coerce.number().int().min(0).max(65_535).default(preset).describe(`port of ${what}; 0 takes any free one`);

const names = (what: string) =>
  z
    .string()
    .transform((text) => text.split(',').flatMap((name) => name.trim() || []))
    .pipe(z.array(z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/)))
    .default([])
    .describe(`${what}, separated by commas`);

const networks = (what: string) =>
  z
    .string()
    .transform((text) => text.split(',').flatMap((network) => network.trim() || []))
    .pipe(z.array(z.union([z.cidrv4(), z.cidrv6()])))
    .default([])
    .describe(`${what}, separated by commas`);

const objects = (what: string) =>
  z
    .string()
    .transform((text) => text.split(',').flatMap((name) => name.trim() || []))
    .pipe(z.array(z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/)))
    .default([])
    .describe(`${what}, separated by commas`);

const flag = (preset: boolean, what: string) =>
  z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .default(preset)
    .describe(what);

const word = () => z.string().min(1);

/** Settings of the process: each is a flag `--kebab-case` and a variable `DOCTUNE_UPPER_CASE`; the flag wins. */
const settingsSchema = z.strictObject({
  kubeconfig: word().optional().describe('kubeconfig file; default: $KUBECONFIG, the pod, ~/.kube/config'),
  namespace: word().optional().describe('namespace of the operator itself; default: that of the pod or context'),
  watchNamespaces: names('namespaces to look after; default: all of them'),
  leaderElection: flag(true, 'work only as the holder of the lease; needed with more than one replica'),
  leaseName: word().default('doctune-operator').describe('name of the lease'),
  concurrency: z.coerce.number().int().min(1).max(256).default(16).describe('objects of a kind handled at once'),
  metricsPort: port(8080, 'the metrics'),
  healthPort: port(8081, 'the probes /healthz and /readyz'),
  progressPort: port(8443, 'the server that workers report to'),
  progressUrl: z
    .url({ protocol: /^https$/ })
    .optional()
    .describe('how workers reach that server; without it they report to nobody'),
  certificateSecret: word()
    .default('doctune-progress-tls')
    .describe('Secret with the serving certificate, made if missing'),
  operatorImage: word().describe('image of the workers fetch-documents and generate-dataset'),
  trainerImage: word().describe('image of the trainer and the evaluator'),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent').describe('for worker pods'),
  imagePullSecrets: names('Secrets for worker images, in the namespaces of the objects'),
  gpuResource: word().default('nvidia.com/gpu').describe('resource that "spec.resources.gpus" counts'),
  storageSize: word().default('20Gi').describe('size of the claim for artifacts that each namespace gets'),
  storageClass: word().optional().describe('storage class of that claim; default: that of the cluster'),
  storageAccessMode: z
    .enum(['ReadWriteOnce', 'ReadWriteMany', 'ReadWriteOncePod'])
    .default('ReadWriteOnce')
    .describe('access mode of that claim'),
  storageRetain: flag(false, 'keep the claim when the last object of its namespace is deleted'),
  allowedNetworks: networks('private networks that fetchers of web pages and buckets may reach, in CIDR form'),
  networkPolicies: flag(true, 'limit by a NetworkPolicy what the pods of runs may reach'),
  abTestRoutes: objects('HTTPRoutes "namespace/name" whose weights a test under traffic may change'),
  prometheusUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Prometheus that tells such a test how requests went'),
  logLevel: z.enum(logLevels).default('info').describe('least level that is logged'),
});

export type Settings = z.infer<typeof settingsSchema>;

/** Settings that are not right, one a line, each with the name of the flag. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

const settingNames = settingsSchema.keyof().options;
const flagOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const variableOf = (name: string): string => `DOCTUNE_${flagOf(name).replaceAll('-', '_').toUpperCase()}`;

export interface CommandLine {
  values: Record<string, string>;
  isHelpWanted: boolean;
  isPrintWanted: boolean;
}

export function parseCommandLine(args: readonly string[]): CommandLine {
  const options = {
    ...Object.fromEntries(settingNames.map((name) => [flagOf(name), { type: 'string' as const }])),
    help: { type: 'boolean' as const, short: 'h' },
    'print-settings': { type: 'boolean' as const },
  };
  try {
    const { help, 'print-settings': print, ...values } = parseArgs({ args: [...args], options, strict: true }).values;
    return { values: values, isHelpWanted: help === true, isPrintWanted: print === true };
  } catch (error) {
    throw new SettingsError(error instanceof Error ? error.message : String(error));
  }
}

/** Flags over environment over defaults. An empty variable counts as not set, as templates of Pods leave some empty. */
export function readSettings(values: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv): Settings {
  const given = settingNames.flatMap((name) => {
    const value = values[flagOf(name)] ?? (env[variableOf(name)] || undefined);
    return value === undefined ? [] : [[name, value] as const];
  });
  const parsed = settingsSchema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path: [name = ''], message }) => `--${flagOf(String(name))}: ${message}`);
  throw new SettingsError(lines.join('\n'));
}

export function renderHelp(): string {
  const lines = settingNames.map((name) => {
    const schema = settingsSchema.shape[name];
    const preset = schema instanceof z.ZodDefault ? schema.def.defaultValue : [];
    const isShown = !Array.isArray(preset);
    return `  --${flagOf(name).padEnd(22)}${schema.description ?? ''}${isShown ? ` (default: ${String(preset)})` : ''}`;
  });
  return [
    'usage: doctune [flags]',
    '',
    'The operator of doctune. Each flag is also read from the environment: --log-level from DOCTUNE_LOG_LEVEL.',
    '',
    ...lines,
    `  --${'print-settings'.padEnd(22)}print the settings as JSON and stop`,
    `  --${'help'.padEnd(22)}print this text and stop`,
    '',
  ].join('\n');
}
