import type { z } from 'zod';
import type { ConditionType } from './conditions.ts';

export const group = 'doctune.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}`;

export const annotations = {
  /** any new value asks for another run, also after a failure that only the user can mend */
  reconcileRequestedAt: `${group}/reconcile-requested-at`,
  /** of an Evaluation: go back to the adapter of this run, or to the "previous" one */
  rollback: `${group}/rollback`,
  rollbackBy: `${group}/rollback-by`,
  rollbackReason: `${group}/rollback-reason`,
} as const;

/** The metadata that the decisions read. */
export interface Metadata {
  finalizers?: readonly string[];
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
}

/** An object of one of the kinds as the API server gives it: defaults are filled in. */
export interface Resource<Spec, Status> {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  spec: Spec;
  status?: Status;
}

export interface PrinterColumn {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  jsonPath: string;
  description: string;
}

/** All that is written by hand about a kind; the CRD, the role rules and the reference pages are made from it. */
export interface Kind<Spec extends z.ZodType = z.ZodType, Status extends z.ZodType = z.ZodType> {
  kind: string;
  plural: string;
  singular: string;
  shortName: string;
  /** what an object of the kind stands for, as `kubectl explain` tells it */
  description: string;
  spec: Spec;
  status: Status;
  /** READY, AGE and STATUS follow by themselves */
  columns: readonly PrinterColumn[];
  /** besides those that every kind has */
  conditions: readonly ConditionType[];
}

export const categories = ['all', 'finetune'] as const;

/** The last columns of every kind; the message comes last because it is the only one without a fixed width. */
export const closingColumns: readonly PrinterColumn[] = [
  {
    name: 'READY',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].status',
    description: 'Whether the result for the current spec is there.',
  },
  { name: 'AGE', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Time since creation.' },
  {
    name: 'STATUS',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].message',
    description: 'What is under way, or what to do.',
  },
];
