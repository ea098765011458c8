import type { Rule } from '../rules.ts';
import { anyOf, given, isMethod, methodOf, never, not } from './conditions.ts';
import type { Condition, Method, Written } from './conditions.ts';

/** A field, or what of it says something, and the methods that take it: "Auto" where it may choose one of them. */
interface Belonging {
  field: string;
  written: Condition;
  methods: readonly Method[];
  message: string;
}

const ranked: readonly Method[] = ['Auto', 'LoRA', 'QLoRA', 'DoRA', 'AdaLoRA'];
const scaled: readonly Method[] = ['Auto', 'LoRA', 'QLoRA', 'DoRA'];

const rankFields = [
  'rank',
  'alpha',
  'dropout',
  'lastLayers',
  'skipLayers',
  'rsLoRA',
  'plusRatio',
  'init',
  'bias',
  'modulesToSave',
] as const;

const belongings: readonly Belonging[] = [
  {
    field: 'spec.freeze',
    written: given('freeze'),
    methods: ['Auto', 'Freeze'],
    message: 'spec.freeze is for method "Freeze": set spec.method to "Freeze", or leave it out',
  },
  {
    field: 'spec.adaLoRA',
    written: given('adaLoRA'),
    methods: ['AdaLoRA'],
    message: 'spec.adaLoRA is for method "AdaLoRA": set spec.method to "AdaLoRA", or leave it out',
  },
  {
    field: 'spec.promptTuning',
    written: given('promptTuning'),
    methods: ['PromptTuning'],
    message: 'spec.promptTuning is for method "PromptTuning": set spec.method to "PromptTuning", or leave it out',
  },
  {
    field: 'spec.lora',
    written: given('lora'),
    methods: [...ranked, 'IA3'],
    message:
      'spec.lora is for method "LoRA", "QLoRA", "DoRA", "AdaLoRA", "IA3": set spec.method to one of them, or leave it out',
  },
  {
    field: 'of spec.lora all but targetModules',
    written: anyOf(...rankFields.map((name) => given(`lora.${name}`))),
    // the row above has the methods without an adapter of matrices
    methods: [...ranked, 'Full', 'Freeze', 'PromptTuning'],
    message:
      'of spec.lora all but targetModules: method "IA3" has no matrices: leave it out, or set spec.method to "LoRA"',
  },
  {
    field: 'lora.rsLoRA',
    written: given('lora.rsLoRA', true),
    methods: [...scaled, 'IA3', 'Full', 'Freeze', 'PromptTuning'],
    message:
      'lora.rsLoRA: method "AdaLoRA" scales by ranks that it changes: leave it out, or set spec.method to "LoRA"',
  },
  {
    field: 'lora.init "gaussian"',
    written: given('lora.init', 'gaussian'),
    methods: [...scaled, 'IA3', 'Full', 'Freeze', 'PromptTuning'],
    message:
      'lora.init "gaussian": method "AdaLoRA" has first weights of its own: leave it out, or set spec.method to "LoRA"',
  },
];

/** Fields that a method would leave unread. Only here: the trainer gets every field with a value, written or not. */
export const belonging: readonly Rule<Written>[] = [
  ...belongings.map(({ written, methods, message }) => never(message, written, not(isMethod(...methods)))),
  {
    cel: '!has(self.adaLoRA) || !has(self.adaLoRA.initialRank) || !has(self.lora) || !has(self.lora.rank) || self.adaLoRA.initialRank > self.lora.rank',
    message: 'adaLoRA.initialRank must be above lora.rank, to which ranks are taken: raise it, or leave it out',
    holds: ({ adaLoRA, lora }) =>
      adaLoRA?.initialRank === undefined || lora?.rank === undefined || adaLoRA.initialRank > lora.rank,
  },
];

/** Fields that were written for "Auto" and that the method it chose does not read. */
export const unread = (spec: Written, chosen: string): string[] =>
  methodOf(spec) === 'Auto'
    ? belongings
        .filter((row) => row.written.is(spec) && !row.methods.includes(chosen as Method))
        .map(({ field }) => field)
    : [];
