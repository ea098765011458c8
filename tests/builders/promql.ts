import { parser } from '@prometheus-io/lezer-promql';

export interface ParsedQuery {
  /** pieces that Prometheus' grammar has no place for */
  errors: string[];
  metrics: string[];
  /** labels that are matched, grouped or joined by */
  labels: string[];
}

/** What a PromQL query asks for, by Prometheus' own grammar. */
export function parseQuery(expression: string): ParsedQuery {
  const parsed: ParsedQuery = { errors: [], metrics: [], labels: [] };
  parser.parse(expression).iterate({
    enter({ type, node, from, to }) {
      const text = expression.slice(from, to);
      if (type.isError) parsed.errors.push(`${String(from)}: ${text}`);
      if (type.name === 'Identifier' && node.parent?.type.name === 'VectorSelector') parsed.metrics.push(text);
      if (type.name === 'LabelName') parsed.labels.push(text);
    },
  });
  return parsed;
}
