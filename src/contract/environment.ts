/** Where a worker finds what it is given; the operator renders these paths into the Job. */
export const environment = {
  input: { name: 'DOCTUNE_INPUT', path: '/etc/doctune/input.json' },
  result: { name: 'DOCTUNE_RESULT', path: '/dev/termination-log' },
  store: { name: 'DOCTUNE_STORE', path: '/store' },
  /** seconds between SIGTERM and SIGKILL: a worker ends before them whatever it is doing */
  grace: { name: 'DOCTUNE_GRACE_SECONDS' },
  progressUrl: { name: 'KUBEFLOW_TRAINER_SERVER_URL' },
  progressCa: { name: 'KUBEFLOW_TRAINER_SERVER_CA_CERT', path: '/etc/doctune/ca.crt' },
  progressToken: { name: 'KUBEFLOW_TRAINER_SERVER_TOKEN', path: '/var/run/secrets/doctune/token' },
  secrets: { path: '/etc/doctune/secrets' },
  files: { path: '/files' },
  models: { path: '/models' },
  /** below it a folder for each ConfigMap that a run reads */
  config: { path: '/config' },
} as const;

/** What a worker of several processes is told, by the names that torchrun knows. */
export const processEnvironment = {
  nodes: 'NNODES',
  processes: 'NPROC_PER_NODE',
  address: 'MASTER_ADDR',
  port: 'MASTER_PORT',
} as const;

/** where pod 0 answers the others */
export const rendezvousPort = 29_500;

export const storeClaim = 'doctune-artifacts';

/** audience of the projected token with which a worker reports */
export const progressAudience = 'doctune-progress';
