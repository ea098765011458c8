import { z } from 'zod';
import { annotations } from './kind.ts';
import { dataKey, objectName, volumePath } from './scalars.ts';

/** What a field says that names a ConfigMap whose content is in no hash of inputs, as only the worker reads it. */
export const editedConfigMap = `an edited ConfigMap alone starts no run, so ask for one by the annotation "${annotations.reconcileRequestedAt}"`;

/** Reference to an object of the same namespace; none of the kinds reaches into another namespace. */
export const nameRef = (what: string) =>
  z.strictObject({ name: objectName().describe(`Name of ${what} in the namespace of this object.`) });

/** Reference to one key of a Secret. The operator never reads it: it is mounted into the worker pod alone. */
export const secretKeyRef = (what: string, defaultKey: string) =>
  z.strictObject({
    name: objectName().describe(`Name of the Secret that holds ${what}, in the namespace of this object.`),
    key: dataKey().default(defaultKey).describe(`Key of the Secret under which ${what} lies.`),
  });

/** Whether a registry is spoken to without TLS. */
export const plainHttp = () =>
  z.boolean().optional().describe('Speak plain http, for a registry inside the cluster; false if not given.');

export const configMapKeyRef = (what: string, defaultKey: string) =>
  z.strictObject({
    name: objectName().describe(`Name of the ConfigMap that holds ${what}, in the namespace of this object.`),
    key: dataKey().default(defaultKey).describe(`Key of the ConfigMap under which ${what} lie.`),
  });

export const claimRef = (field: string, what: string) =>
  z.strictObject({
    name: objectName().describe('Name of the PersistentVolumeClaim, mounted read-only.'),
    path: volumePath(`${field}.path`)
      .optional()
      .describe(`Folder of ${what} on the claim; the whole claim if not given.`),
  });
