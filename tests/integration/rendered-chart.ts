import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { helm } from '../cluster/index.ts';

export const chart = join(import.meta.dirname, '../../charts/doctune');

export interface Rendered {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; annotations?: Record<string, string>; labels?: Record<string, string> };
  [field: string]: unknown;
}

/** What "helm install doctune" would apply, with values such as `storage.size=1Gi`. */
export async function renderChart(namespace: string, values: readonly string[] = []): Promise<Rendered[]> {
  const settings = values.flatMap((value) => ['--set', value]);
  const text = await helm(['template', 'doctune', chart, '--namespace', namespace, ...settings]);
  // YAML 1.1 as helm writes and reads it
  const documents = parseAllDocuments(text, { version: '1.1' });
  return documents.map((document) => document.toJS() as Rendered | null).filter((object) => object !== null);
}

/** The one object of a kind. */
export function only(objects: readonly Rendered[], kind: string): Rendered {
  const found = objects.filter((object) => object.kind === kind);
  const [first] = found;
  if (first === undefined || found.length > 1)
    throw new Error(`the chart has ${String(found.length)} objects of kind "${kind}" instead of one`);
  return first;
}
