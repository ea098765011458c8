import { environment } from '../../contract/environment.ts';
import { createClaimStore } from './claim-store.ts';
import type { ArtifactStore } from './store.ts';

/** The store that the environment names. */
export const openStore = (env: NodeJS.ProcessEnv): ArtifactStore =>
  createClaimStore(env[environment.store.name] ?? environment.store.path);
