import { build, binaryPath } from './binaries/build.ts';
import { recipes } from './binaries/recipes.ts';

/** Binaries that the cluster and the integration tests use. */
export type BinaryName =
  | 'coredns'
  | 'etcd'
  | 'helm'
  | 'kind'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-proxy'
  | 'kube-scheduler'
  | 'kubeadm'
  | 'kubectl'
  | 'kubelet'
  | 'local-path-provisioner'
  | 'pause'
  | 'probe'
  | 'registry'
  | 'versitygw';

/**
 * Give the paths of binaries, built from Go modules where the cache lacks them. Only what is asked for is built.
 * Takes minutes the first time and nothing afterwards.
 */
export async function binaries<N extends BinaryName>(names: readonly N[]): Promise<Record<N, string>> {
  const paths: Partial<Record<N, string>> = {};
  for (const recipe of recipes) {
    const wanted = names.filter((name) => name in recipe.packages);
    if (wanted.length === 0) continue;
    await build(recipe, wanted);
    for (const name of wanted) paths[name] = binaryPath(recipe, name);
  }
  return paths as Record<N, string>;
}
