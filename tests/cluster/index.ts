/** The test cluster, as tests and the demo see it: a kubeconfig, "load this image", and the names of its nodes. */
export { clusterDown } from './down.ts';
export { fakeGpus } from './gpus.ts';
export { machineAddress } from './kind.ts';
export { loadImage } from './load-image.ts';
export { helm, helmBinary, kubeconfigPath, kubectl, kubectlBinary, nodeNames } from './tools.ts';
export { clusterUp } from './up.ts';
