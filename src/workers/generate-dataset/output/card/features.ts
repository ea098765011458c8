import { z } from 'zod';
import { rowSchema } from '../../../../contract/rows.ts';

/** what of a JSON schema is used in the contract of a row */
interface Json {
  type?: string;
  anyOf?: Json[];
  items?: Json;
  properties?: Record<string, Json>;
}
type Feature = { dtype: string } | { list: string | readonly object[] } | { struct: readonly object[] };

const dtypes: Record<string, string> = { string: 'string', integer: 'int64', number: 'float64', boolean: 'bool' };

/**
 * The columns of a row as a dataset card declares them. A loader that had to guess them would take `probe` for nothing
 * at all, since it is null in the whole of train.jsonl, and then fail on the next file.
 */
export const rowFeatures = (): object[] => membersOf(z.toJSONSchema(rowSchema) as Json);

const membersOf = ({ properties = {} }: Json): object[] =>
  Object.entries(properties).map(([name, schema]) => ({ name, ...featureOf(schema) }));

function featureOf(schema: Json): Feature {
  const { type = 'string', anyOf = [], items = {} } = schema;
  const [some] = anyOf.filter((one) => one.type !== 'null');
  if (some !== undefined) return featureOf(some);
  if (type === 'object') return { struct: membersOf(schema) };
  if (type === 'array') {
    const item = featureOf(items);
    // a list of plain values names their type alone
    return { list: 'dtype' in item ? item.dtype : 'struct' in item ? item.struct : [item] };
  }
  return { dtype: dtypes[type] ?? 'string' };
}
