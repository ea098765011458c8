import { environment } from '../../contract/environment.ts';

/** Where the objects that a spec names lie in the worker's container. */
export const secretFolder = (secret: string): string => `${environment.secrets.path}/${secret}`;
export const secretFile = (secret: string, key: string): string => `${secretFolder(secret)}/${key}`;
export const configFolder = (configMap: string): string => `${environment.config.path}/${configMap}`;
