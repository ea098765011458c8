import { join } from 'node:path';

/** Kubernetes 1.34 is the last line whose kubelet still accepts control groups of version 1 by default. */
export const kubernetesVersion = 'v1.34.4';
export const kindVersion = 'v0.33.0';
export const localPathVersion = 'v0.0.30';

/** How one Go module becomes one or more static binaries. */
export interface Recipe {
  module: string;
  version: string;
  /** Package of each binary, within the module or, where `source` is given, in the build's own module. */
  packages: Readonly<Record<string, string>>;
  /** Folder with our own main package, copied beside the generated go.mod. */
  source?: string;
  /** Linker settings `-X name=value`, mostly the version that a binary reports. */
  variables?: Readonly<Record<string, string>>;
  /** Whether the module replaces its requirements by folders that the proxy serves as modules `v0.<minor>.<patch>`. */
  hasStagingModules?: boolean;
  /** Build time without any cache on two cores, in words. */
  usual: string;
}

const kubernetesCommands = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubeadm',
  'kubectl',
  'kubelet',
] as const;

/** What `kubectl version` and the API server's /version tell; without it clients refuse the server as too old. */
function kubernetesVariables(): Record<string, string> {
  const [major = '', minor = ''] = kubernetesVersion.slice(1).split('.');
  const values = { gitVersion: kubernetesVersion, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  return Object.fromEntries(
    packages.flatMap((p) => Object.entries(values).map(([key, value]) => [`${p}.${key}`, value])),
  );
}

export const recipes: readonly Recipe[] = [
  {
    module: 'k8s.io/kubernetes',
    version: kubernetesVersion,
    packages: Object.fromEntries(kubernetesCommands.map((name) => [name, `k8s.io/kubernetes/cmd/${name}`])),
    variables: kubernetesVariables(),
    hasStagingModules: true,
    usual: '4 min for all of them',
  },
  {
    module: 'go.etcd.io/etcd/server/v3',
    version: 'v3.6.8',
    packages: { etcd: 'go.etcd.io/etcd/server/v3' },
    usual: '20 s',
  },
  {
    module: 'github.com/coredns/coredns',
    version: 'v1.14.7',
    packages: { coredns: '.' },
    source: join(import.meta.dirname, 'coredns'),
    usual: '45 s',
  },
  {
    module: 'sigs.k8s.io/kind',
    version: kindVersion,
    packages: { kind: 'sigs.k8s.io/kind' },
    usual: '30 s',
  },
  {
    module: 'helm.sh/helm/v4',
    version: 'v4.3.1',
    packages: { helm: 'helm.sh/helm/v4/cmd/helm' },
    variables: { 'helm.sh/helm/v4/internal/version.version': 'v4.3.1' },
    usual: '2 min',
  },
  {
    module: 'github.com/rancher/local-path-provisioner',
    version: localPathVersion,
    packages: { 'local-path-provisioner': 'github.com/rancher/local-path-provisioner' },
    variables: { 'main.VERSION': localPathVersion },
    usual: '50 s',
  },
  {
    module: 'github.com/versity/versitygw',
    version: 'v1.8.0',
    packages: { versitygw: 'github.com/versity/versitygw/cmd/versitygw' },
    usual: '1 min',
  },
  {
    module: 'github.com/distribution/distribution/v3',
    version: 'v3.1.0',
    packages: { registry: 'github.com/distribution/distribution/v3/cmd/registry' },
    variables: { 'github.com/distribution/distribution/v3/version.version': 'v3.1.0' },
    usual: '2 min',
  },
  { module: 'std', version: 'v1', packages: { pause: '.' }, source: join(import.meta.dirname, 'pause'), usual: '5 s' },
  { module: 'std', version: 'v1', packages: { probe: '.' }, source: join(import.meta.dirname, 'probe'), usual: '5 s' },
];
