import type { Kind } from './kind.ts';
import { dataset } from './dataset.ts';
import { docSource } from './doc-source.ts';
import { evaluation } from './evaluation.ts';
import { fineTuneJob } from './fine-tune-job.ts';

/**
 * Specs on which the parser and the API server must agree: unit tests give them to zod, integration tests to a server.
 */
export interface GoodSpec {
  title: string;
  kind: Kind;
  spec: Record<string, unknown>;
}

export interface BadSpec extends GoodSpec {
  /** field that is blamed, as the API server writes it */
  field: string;
}

const git = { url: 'https://example.org/docs.git' };
const web = { urls: ['https://docs.example.org/'] };
const source = (title: string, spec: Record<string, unknown>): GoodSpec => ({ title, kind: docSource, spec });

const extractive = { sourceRefs: [{ name: 'docs' }], generator: { extractive: {} } };
const rows = (title: string, spec: Record<string, unknown>): GoodSpec => ({
  title,
  kind: dataset,
  spec: { ...extractive, ...spec },
});
const openai = (spec: Record<string, unknown>) => ({
  generator: { openai: { baseURL: 'https://api.example.org/v1', model: 'm', ...spec } },
});

const tiny = { datasetRef: { name: 'rows' }, baseModel: { builtIn: 'tiny' } };
const job = (title: string, spec: Record<string, unknown>): GoodSpec => ({
  title,
  kind: fineTuneJob,
  spec: { ...tiny, ...spec },
});

const check = (title: string, spec: Record<string, unknown>): GoodSpec => ({
  title,
  kind: evaluation,
  spec: { jobRef: { name: 'adapter' }, ...spec },
});
const rule = { metric: 'bleu', split: 'recall' };
const server = { baseURL: 'https://vllm.example.org/v1', model: 'handbook' };
const abTest = {
  routeRef: { name: 'handbook' },
  stable: 'handbook-stable',
  candidate: 'handbook-candidate',
  queries: {
    requests: 'sum(increase(requests{b="$backend"}[$range]))',
    errors: 'sum(increase(errors{b="$backend"}[$range]))',
  },
};

export const goodSpecs: readonly GoodSpec[] = [
  source('a repository alone', { git }),
  source('a branch, patterns and a secret', {
    interval: '1h30m',
    git: {
      ...git,
      ref: { branch: 'release/2.x' },
      secretRef: { name: 'token' },
      include: ['docs/**'],
      exclude: ['*.png'],
    },
  }),
  source('a commit', { git: { ...git, ref: { commit: 'a'.repeat(40) } } }),
  source('an empty ref', { git: { ...git, ref: {} } }),
  source('an ssh address with submodules', { git: { url: 'ssh://git@example.org/docs.git', submodules: true } }),
  source('a site', { web }),
  source('a sitemap alone', { web: { sitemap: 'https://docs.example.org/sitemap.xml', respectRobots: false } }),
  source('a bucket', { files: { s3: { endpoint: 'http://minio:9000', bucket: 'docs', prefix: 'en/' } } }),
  source('screening by licence', { git, screening: { secrets: 'Skip', licences: { allow: ['MIT', 'NONE'] } } }),
  source('a ConfigMap', { files: { configMapRef: { name: 'docs' } } }),
  source('a folder on a claim', { files: { claimRef: { name: 'share', path: 'docs/en' } } }),
  source('a document size in bytes', { git, maxDocumentSize: 1048576 }),
  source('a document size with a suffix', { git, maxDocumentSize: '512Ki' }),
  rows('the extractive generator', {}),
  rows('an endpoint', openai({ apiKeySecretRef: { name: 'key' }, temperature: '0', timeout: '30s' })),
  rows('a split without validation', { split: { train: '0.9', validation: '0', test: '0.1' } }),
  rows('equal chunk sizes', { chunking: { targetTokens: 1024, maxTokens: 1024 } }),
  rows('tasks, personas, and a judge of three votes', {
    ...openai({ steps: 'Two', headers: { 'x-team': 'docs' }, requestsPerMinute: 60 }),
    tasks: [{ type: 'factual' }, { type: 'falsePremise', weight: 2 }],
    personas: ['a beginner'],
    judge: { openai: { baseURL: 'https://api.example.org/v1', model: 'judge' }, votes: 3 },
  }),
  rows('rows that were made elsewhere', {
    sourceRefs: undefined,
    generator: undefined,
    importFrom: { configMapRef: { name: 'rows' }, historyTurns: 2 },
  }),
  rows('everything that shapes rows', {
    augmentation: {},
    mixture: { general: { claimRef: { name: 'general' } } },
    growth: {},
    formats: ['messages', 'sharegpt', 'preferences'],
    review: { verdictsRef: { name: 'verdicts' } },
    preview: { chunks: 3 },
    budget: { maxCost: '5', prices: { input: '0.27', output: '1.1' } },
  }),
  rows('two sources and a budget', { sourceRefs: [{ name: 'a' }, { name: 'b' }], budget: { maxTokens: 1000000 } }),
  job('a built-in model alone', {}),
  job('a model of the hub', { baseModel: { huggingFace: { repo: 'owner/name', secretRef: { name: 'hub' } } } }),
  job('a model on a claim', { baseModel: { claimRef: { name: 'models', path: 'llama' } } }),
  job('an exponent and two layers', {
    lora: { targetModules: ['q_proj', 'v_proj'], lastLayers: 12, dropout: '0.05' },
    training: { learningRate: '5e-5', epochs: '0.5', replay: '0.25', skipKnown: '0.7' },
  }),
  job('a method with all that it takes', {
    method: 'QLoRA',
    quantization: { bits: 8, doubleQuant: false },
    lora: { plusRatio: '16', init: 'pissa', modulesToSave: ['lm_head'], bias: 'lora_only' },
    adaLoRA: { initialRank: 24 },
    promptTuning: { virtualTokens: 8 },
    freeze: { layers: 5, embeddings: false, unfreezeEverySteps: 50 },
    training: { neftuneAlpha: '5', dropout: '0.1' },
  }),
  job('resources of both notations', {
    resources: {
      gpus: 1,
      cpu: 2,
      memory: '16Gi',
      nodeSelector: { pool: 'gpu' },
      tolerations: [{ operator: 'Exists' }],
    },
  }),
  job('a preset that shall not stop early', { preset: 'overfit-aware', earlyStopping: { patience: 0 } }),
  job('GPUs of another vendor, and devices by claim', {
    resources: {
      gpus: 1,
      gpuResource: 'gpu.intel.com/i915',
      resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'one-gpu' }],
    },
  }),
  job('GPUs with memory', { resources: { gpus: 1, gpuMemory: '23Gi', gpuResource: 'nvidia.com/mig-3g.40gb' } }),
  job('another controller of jobs', { managedBy: 'kueue.x-k8s.io/multikueue' }),
  job('an image, variables and more of the pod', {
    runtime: {
      image: 'registry.example:5000/trainer@sha256:abc',
      env: [
        { name: 'HF_ENDPOINT', value: 'https://hub.example.org' },
        { name: 'WANDB_API_KEY', secretKeyRef: { name: 'wandb' } },
      ],
      podTemplate: {
        labels: { team: 'docs' },
        annotations: { 'example.org/note': 'x' },
        schedulerName: 'volcano',
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }],
            },
          },
        },
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' },
        ],
      },
    },
  }),
  job('packed rows, seven tenths about the documents', { training: { packing: true, domainWeight: '0.7' } }),
  job('another template and long rows in windows', { training: { chatTemplate: 'chatml', truncation: 'split' } }),
  job('two nodes that share a model', {
    resources: { gpus: 8, nodes: 2 },
    distributed: { strategy: 'ZeRO3', cpuOffload: true },
  }),
  job('text of documents, then rows that get longer', {
    stages: [
      { name: 'documents', type: 'Pretrain', maxLength: 2048, learningRate: '1e-5', epochs: '1' },
      { type: 'Sft', maxLength: 2048, domainWeight: '0.7' },
      { type: 'Sft', maxLength: 4096, maxSteps: 100 },
    ],
  }),
  job('positions four times as far', { context: { ropeScaling: { type: 'Yarn', factor: '4' } } }),
  job('more learned positions', { context: { positions: { length: 2048, init: 'Random' } } }),
  job('a checkpoint to go on from', { resumeFrom: { run: '0123456789abcdef', step: 40 } }),
  job('an adapter to begin with', { initAdapterFrom: { jobRef: { name: 'last-month' } } }),
  job('another optimizer, and numbers that come again', {
    training: { optimizer: 'AdamW8bit', warmupSteps: 100, deterministic: true, tf32: false, attention: 'Eager' },
  }),
  job('a GPU that does what it can', {
    resources: { gpus: 1 },
    training: { optimizer: 'PagedAdamW8bit', compile: true, attention: 'FlashAttention2', precision: 'fp16' },
  }),
  job('stages that unfreeze', { method: 'Freeze', stages: [{ type: 'Sft' }, { type: 'Sft', unfreeze: 2 }] }),
  job('a schedule', {
    retrain: { policy: 'Schedule', schedule: '0 3 1 */3 *', timeZone: 'Europe/Berlin', minInterval: '24h' },
  }),
  job('exports', {
    output: {
      merged: true,
      gguf: ['q8_0', 'q4_0'],
      onnx: true,
      torchScript: true,
      ollama: true,
      samples: { prompts: 0 },
    },
  }),
  check('a job alone', {}),
  check('a gate of three rules', {
    gate: {
      rules: [
        { ...rule, min: '20' },
        { ...rule, minDelta: '0', requireSignificant: true },
        { metric: 'perplexity', split: 'test', maxDelta: '0.5' },
      ],
    },
  }),
  check('a test under traffic', { abTest }),
  check('a test under traffic with guardrails', {
    abTest: {
      ...abTest,
      weights: [1, 10, 50],
      guardrails: { maxErrorRate: '0.02', maxLatencyP90: '3s' },
      queries: { ...abTest.queries, successes: 'good{b="$backend"}', latencyP90: 'p90{b="$backend"}' },
    },
  }),
  check('a server that the evaluator starts', {
    serving: { local: { startTimeout: '30m' }, concurrency: [1], pricePerHour: '2.5' },
  }),
  check("a server of one's own with the price of its machine", {
    serving: { openai: server, baseModel: 'plain', pricePerHour: '12' },
  }),
  check('a server that is paid by tokens', { serving: { openai: { ...server, prices: { input: '1', output: '2' } } } }),
  check('a threshold below zero', { gate: { rules: [{ ...rule, minDelta: '-1.5' }] } }),
];

export const badSpecs: readonly BadSpec[] = [
  { ...source('no source at all', {}), field: 'spec' },
  { ...source('two sources', { git, files: { configMapRef: { name: 'docs' } } }), field: 'spec' },
  { ...source('a scheme of no server', { git: { url: 'ext::sh -c id' } }), field: 'spec.git.url' },
  {
    ...source('a password in an ssh address', { git: { url: 'ssh://me:secret@example.org/d.git' } }),
    field: 'spec.git.url',
  },
  { ...source('a site without an address', { web: { maxPages: 5 } }), field: 'spec.web' },
  { ...source('a page by ftp', { web: { urls: ['ftp://example.org/'] } }), field: 'spec.web.urls[0]' },
  { ...source('no requests a second', { web: { ...web, rate: '0' } }), field: 'spec.web.rate' },
  {
    ...source('a bucket with a name in capitals', { files: { s3: { bucket: 'Docs' } } }),
    field: 'spec.files.s3.bucket',
  },
  { ...source('an unknown screening', { git, screening: { secrets: 'Hide' } }), field: 'spec.screening.secrets' },
  {
    ...source('a password in the address', { git: { url: 'https://me:secret@example.org/d.git' } }),
    field: 'spec.git.url',
  },
  { ...source('a branch and a tag', { git: { ...git, ref: { branch: 'main', tag: 'v1' } } }), field: 'spec.git.ref' },
  {
    ...source('a branch that looks like an option', { git: { ...git, ref: { branch: '-x' } } }),
    field: 'spec.git.ref.branch',
  },
  { ...source('a short commit', { git: { ...git, ref: { commit: 'abc1234' } } }), field: 'spec.git.ref.commit' },
  { ...source('an interval below ten seconds', { git, interval: '1s' }), field: 'spec.interval' },
  { ...source('an interval without a unit', { git, interval: '60' }), field: 'spec.interval' },
  { ...source('an interval beyond all measure', { git, interval: '99999999999999h' }), field: 'spec.interval' },
  {
    ...source('files from two places', { files: { configMapRef: { name: 'a' }, claimRef: { name: 'b' } } }),
    field: 'spec.files',
  },
  { ...source('files from no place', { files: {} }), field: 'spec.files' },
  {
    ...source('a path out of the claim', { files: { claimRef: { name: 'a', path: 'x/../../y' } } }),
    field: 'spec.files.claimRef.path',
  },
  { ...source('a document size of nothing', { git, maxDocumentSize: 0 }), field: 'spec.maxDocumentSize' },
  { ...source('a document size without a number', { git, maxDocumentSize: 'big' }), field: 'spec.maxDocumentSize' },
  { ...rows('no sources', { sourceRefs: [] }), field: 'spec.sourceRefs' },
  { ...rows('a source named twice', { sourceRefs: [{ name: 'a' }, { name: 'a' }] }), field: 'spec.sourceRefs[1]' },
  { ...rows('a name in capitals', { sourceRefs: [{ name: 'Docs' }] }), field: 'spec.sourceRefs[0].name' },
  { ...rows('no generator', { generator: {} }), field: 'spec.generator' },
  { ...rows('two generators', { generator: { ...openai({}).generator, extractive: {} } }), field: 'spec.generator' },
  {
    ...rows('an endpoint without a scheme', openai({ baseURL: 'api.example.org' })),
    field: 'spec.generator.openai.baseURL',
  },
  { ...rows('a temperature of three', openai({ temperature: '3' })), field: 'spec.generator.openai.temperature' },
  {
    ...rows('a temperature that is a number', openai({ temperature: 0.3 })),
    field: 'spec.generator.openai.temperature',
  },
  { ...rows('shares beyond one', { split: { train: '0.9' } }), field: 'spec.split' },
  { ...rows('a share in words', { split: { train: 'most' } }), field: 'spec.split.train' },
  { ...rows('chunks above their maximum', { chunking: { targetTokens: 2048 } }), field: 'spec.chunking' },
  { ...rows('documents and rows', { importFrom: { configMapRef: { name: 'rows' } } }), field: 'spec' },
  { ...rows('documents without a generator', { generator: undefined }), field: 'spec' },
  { ...rows('a task named twice', { tasks: [{ type: 'config' }, { type: 'config' }] }), field: 'spec.tasks[1]' },
  { ...rows('an unknown task', { tasks: [{ type: 'poem' }] }), field: 'spec.tasks[0].type' },
  {
    ...rows('two votes', {
      ...openai({}),
      judge: { openai: { baseURL: 'https://api.example.org/v1', model: 'judge' }, votes: 2 },
    }),
    field: 'spec.judge.votes',
  },
  { ...rows('a cost without prices', { budget: { maxCost: '5' } }), field: 'spec.budget' },
  {
    ...rows('a tokenizer of two places', {
      chunking: { tokenizer: { builtIn: 'smollm2-135m', claimRef: { name: 'a' } } },
    }),
    field: 'spec.chunking.tokenizer',
  },
  { ...rows('an unknown format', { formats: ['csv'] }), field: 'spec.formats[0]' },
  { ...rows('a budget of nothing', { budget: { maxTokens: 0 } }), field: 'spec.budget.maxTokens' },
  { ...job('no base model', { baseModel: {} }), field: 'spec.baseModel' },
  { ...job('no node at all', { resources: { nodes: 0 } }), field: 'spec.resources.nodes' },
  { ...job('a copy of the model that is offloaded', { distributed: { cpuOffload: true } }), field: 'spec.distributed' },
  { ...job('two base models', { baseModel: { builtIn: 'tiny', claimRef: { name: 'a' } } }), field: 'spec.baseModel' },
  { ...job('an unknown built-in model', { baseModel: { builtIn: 'gpt' } }), field: 'spec.baseModel.builtIn' },
  {
    ...job('a hub model without an owner', { baseModel: { huggingFace: { repo: 'name' } } }),
    field: 'spec.baseModel.huggingFace.repo',
  },
  {
    ...job('two kinds of positions', {
      context: { ropeScaling: { type: 'Linear', factor: '2' }, positions: { length: 2048 } },
    }),
    field: 'spec.context',
  },
  {
    ...job('positions that come closer', { context: { ropeScaling: { type: 'Linear', factor: '1' } } }),
    field: 'spec.context.ropeScaling.factor',
  },
  {
    ...job('two ways to go on', {
      resumeFrom: { run: '0123456789abcdef' },
      initAdapterFrom: { jobRef: { name: 'last-month' } },
    }),
    field: 'spec',
  },
  {
    ...job('an adapter for a whole model', { method: 'Full', initAdapterFrom: { jobRef: { name: 'last-month' } } }),
    field: 'spec',
  },
  { ...job('a run that has no name', { resumeFrom: { run: '../other' } }), field: 'spec.resumeFrom.run' },
  { ...job('pages without a GPU', { training: { optimizer: 'PagedAdamW8bit' } }), field: 'spec' },
  { ...job('fp16 without a GPU', { training: { precision: 'fp16' } }), field: 'spec' },
  { ...job('flash attention without a GPU', { training: { attention: 'FlashAttention2' } }), field: 'spec' },
  { ...job('a compiler without a GPU', { training: { compile: true } }), field: 'spec' },
  {
    ...job('kernels that are chosen and fixed', {
      resources: { gpus: 1 },
      training: { compile: true, deterministic: true },
    }),
    field: 'spec',
  },
  { ...job('few bits of a whole model', { method: 'Full', quantization: {} }), field: 'spec' },
  { ...job('two warmups', { training: { warmup: '0.1', warmupSteps: 10 } }), field: 'spec.training' },
  { ...job('a stage of no type', { stages: [{ maxSteps: 1 }] }), field: 'spec.stages[0].type' },
  { ...job('a stage with two ends', { stages: [{ type: 'Sft', epochs: '1', maxSteps: 1 }] }), field: 'spec.stages[0]' },
  {
    ...job('text in a mixture', { stages: [{ type: 'Pretrain', domainWeight: '0.7' }] }),
    field: 'spec.stages[0]',
  },
  { ...job('an end of all stages', { stages: [{ type: 'Sft' }], training: { maxSteps: 9 } }), field: 'spec' },
  { ...job('nothing to unfreeze', { method: 'LoRA', stages: [{ type: 'Sft', unfreeze: 1 }] }), field: 'spec' },
  {
    ...job('two ways to unfreeze', {
      method: 'Freeze',
      freeze: { unfreezeEverySteps: 10 },
      stages: [{ type: 'Sft', unfreeze: 1 }],
    }),
    field: 'spec',
  },
  { ...job('an unknown preset', { preset: 'fast' }), field: 'spec.preset' },
  { ...job('an unknown method', { method: 'lora' }), field: 'spec.method' },
  { ...job('weights of 2 bits', { quantization: { bits: 2 } }), field: 'spec.quantization.bits' },
  { ...job('weights of 6 bits', { quantization: { bits: 6 } }), field: 'spec.quantization.bits' },
  { ...job('a ratio below one', { lora: { plusRatio: '0.5' } }), field: 'spec.lora.plusRatio' },
  { ...job('no layer at the end', { lora: { lastLayers: 0 } }), field: 'spec.lora.lastLayers' },
  { ...job('no frozen layer', { freeze: { layers: 0 } }), field: 'spec.freeze.layers' },
  { ...job('no virtual token', { promptTuning: { virtualTokens: 0 } }), field: 'spec.promptTuning.virtualTokens' },
  { ...job('a rank of nothing', { lora: { rank: 0 } }), field: 'spec.lora.rank' },
  { ...job('all layers and one more', { lora: { targetModules: ['all-linear', 'q_proj'] } }), field: 'spec.lora' },
  {
    ...job('a layer named twice', { lora: { targetModules: ['q_proj', 'q_proj'] } }),
    field: 'spec.lora.targetModules[1]',
  },
  { ...job('a learning rate of nothing', { training: { learningRate: '0' } }), field: 'spec.training.learningRate' },
  {
    ...job('a spike below the median', { watchdog: { lossSpikeFactor: '0.5' } }),
    field: 'spec.watchdog.lossSpikeFactor',
  },
  { ...job('no time to stand still', { watchdog: { stallSeconds: 1 } }), field: 'spec.watchdog.stallSeconds' },
  { ...job('an unknown policy for memory', { outOfMemory: { policy: 'Hope' } }), field: 'spec.outOfMemory.policy' },
  { ...job('a probability above one', { training: { skipKnown: '1.5' } }), field: 'spec.training.skipKnown' },
  { ...job('more general rows than others', { training: { replay: '4.5' } }), field: 'spec.training.replay' },
  { ...job('an unknown schedule', { training: { scheduler: 'steps' } }), field: 'spec.training.scheduler' },
  { ...job('an unknown template', { training: { chatTemplate: 'vicuna' } }), field: 'spec.training.chatTemplate' },
  { ...job('a weight beyond one', { training: { domainWeight: '1.1' } }), field: 'spec.training.domainWeight' },
  { ...job('rows that are cut', { training: { truncation: 'cut' } }), field: 'spec.training.truncation' },
  { ...job('seventeen GPUs', { resources: { gpus: 17 } }), field: 'spec.resources.gpus' },
  { ...job('memory of no GPU', { resources: { gpuMemory: '24Gi' } }), field: 'spec.resources' },
  {
    ...job('memory of a GPU that no node tells', {
      resources: { gpus: 1, gpuMemory: '24Gi', gpuResource: 'amd.com/gpu' },
    }),
    field: 'spec.resources',
  },
  {
    ...job('a claim of no device', { resources: { resourceClaims: [{ name: 'gpu' }] } }),
    field: 'spec.resources.resourceClaims[0]',
  },
  { ...job('a controller without a domain', { managedBy: 'me' }), field: 'spec.managedBy' },
  {
    ...job('a variable of doctune itself', { runtime: { env: [{ name: 'DOCTUNE_STORE', value: '/x' }] } }),
    field: 'spec.runtime.env[0]',
  },
  {
    ...job('a variable of no value', { runtime: { env: [{ name: 'EMPTY' }] } }),
    field: 'spec.runtime.env[0]',
  },
  {
    ...job('a label by which runs are told apart', {
      runtime: { podTemplate: { labels: { 'doctune.dev/run': 'another' } } },
    }),
    field: 'spec.runtime.podTemplate.labels',
  },
  {
    ...job('an annotation that loosens the pod', {
      runtime: {
        podTemplate: { annotations: { 'container.apparmor.security.beta.kubernetes.io/worker': 'unconfined' } },
      },
    }),
    field: 'spec.runtime.podTemplate.annotations',
  },
  { ...job('memory in words', { resources: { memory: 'a lot' } }), field: 'spec.resources.memory' },
  { ...job('a deadline below a minute', { activeDeadlineSeconds: 5 }), field: 'spec.activeDeadlineSeconds' },
  { ...job('a schedule without a time', { retrain: { policy: 'Schedule' } }), field: 'spec.retrain' },
  { ...job('a time without a schedule', { retrain: { schedule: '0 3 * * *' } }), field: 'spec.retrain' },
  { ...job('an unknown kind of GGUF', { output: { gguf: ['q4_k_m'] } }), field: 'spec.output.gguf[0]' },
  {
    ...job('answers of no token', { output: { samples: { maxNewTokens: 0 } } }),
    field: 'spec.output.samples.maxNewTokens',
  },
  { ...job('a Modelfile for no file', { output: { ollama: true } }), field: 'spec.output' },
  { ...check('no job', { jobRef: undefined }), field: 'spec.jobRef' },
  { ...check('an unknown split', { dataset: { splits: ['train'] } }), field: 'spec.dataset.splits[0]' },
  { ...check('an unknown metric', { metrics: ['rouge'] }), field: 'spec.metrics[0]' },
  { ...check('a gate without rules', { gate: { rules: [] } }), field: 'spec.gate.rules' },
  { ...check('a rule without a bound', { gate: { rules: [rule] } }), field: 'spec.gate.rules[0]' },
  {
    ...check('a rule with two bounds', { gate: { rules: [{ ...rule, min: '1', minDelta: '1' }] } }),
    field: 'spec.gate.rules[0]',
  },
  {
    ...check('significance of a plain value', { gate: { rules: [{ ...rule, min: '1', requireSignificant: true }] } }),
    field: 'spec.gate.rules[0]',
  },
  { ...check('a server of nobody', { serving: {} }), field: 'spec.serving' },
  { ...check('two servers', { serving: { openai: server, local: {} } }), field: 'spec.serving' },
  {
    ...check('a name for a base model that is known', { serving: { local: {}, baseModel: 'plain' } }),
    field: 'spec.serving',
  },
  {
    ...check('two prices of a query', {
      serving: { openai: { ...server, prices: { input: '1', output: '2' } }, pricePerHour: '1' },
    }),
    field: 'spec.serving',
  },
  {
    ...check('an hour for nothing', { serving: { local: {}, pricePerHour: '0' } }),
    field: 'spec.serving.pricePerHour',
  },
  {
    ...check('a server that may not take its time', { serving: { local: { startTimeout: '5s' } } }),
    field: 'spec.serving.local.startTimeout',
  },
  { ...check('one backend for both', { abTest: { ...abTest, candidate: 'handbook-stable' } }), field: 'spec.abTest' },
  {
    ...check('a test without a figure that decides', {
      abTest: { ...abTest, queries: { requests: abTest.queries.requests } },
    }),
    field: 'spec.abTest',
  },
  {
    ...check('a guardrail without its query', { abTest: { ...abTest, guardrails: { maxLatencyP90: '3s' } } }),
    field: 'spec.abTest',
  },
  {
    ...check('a query of no backend', { abTest: { ...abTest, queries: { ...abTest.queries, errors: 'errors' } } }),
    field: 'spec.abTest.queries.errors',
  },
  { ...check('all the traffic at once', { abTest: { ...abTest, weights: [100] } }), field: 'spec.abTest.weights[0]' },
];
