import type { z } from 'zod';
import type { Rule } from '../rules.ts';
import type { lora } from './lora.ts';
import type { adaLoRA, freeze, method, promptTuning } from './method.ts';
import type { preset } from './preset.ts';

type Method = z.output<typeof method>;
type Lora = z.output<typeof lora>;

/** What the rules look at. */
interface Written {
  method?: Method | undefined;
  preset?: z.output<typeof preset> | undefined;
  lora?: Lora | undefined;
  adaLoRA?: z.output<typeof adaLoRA> | undefined;
  promptTuning?: z.output<typeof promptTuning> | undefined;
  freeze?: z.output<typeof freeze> | undefined;
}

/** A field, or what of it says something, and the methods that take it: "Auto" where it may choose one of them. */
interface Belonging {
  field: string;
  cel: string;
  isWritten: (spec: Written) => boolean;
  methods: readonly Method[];
  message: string;
}

/** Every preset but one has a method that is LoRA, or LoRA on fewer bits; that of "guide" is chosen. */
const methodOf = ({ method, preset = 'guide' }: Written): Method => method ?? (preset === 'guide' ? 'Auto' : 'LoRA');
const celOfMethod = `(has(self.method) ? self.method : (has(self.preset) && self.preset != 'guide' ? 'LoRA' : 'Auto'))`;

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
    cel: 'has(self.freeze)',
    isWritten: (spec) => spec.freeze !== undefined,
    methods: ['Auto', 'Freeze'],
    message: 'spec.freeze is for method "Freeze": set spec.method to "Freeze", or leave it out',
  },
  {
    field: 'spec.adaLoRA',
    cel: 'has(self.adaLoRA)',
    isWritten: (spec) => spec.adaLoRA !== undefined,
    methods: ['AdaLoRA'],
    message: 'spec.adaLoRA is for method "AdaLoRA": set spec.method to "AdaLoRA", or leave it out',
  },
  {
    field: 'spec.promptTuning',
    cel: 'has(self.promptTuning)',
    isWritten: (spec) => spec.promptTuning !== undefined,
    methods: ['PromptTuning'],
    message: 'spec.promptTuning is for method "PromptTuning": set spec.method to "PromptTuning", or leave it out',
  },
  {
    field: 'spec.lora',
    cel: 'has(self.lora)',
    isWritten: (spec) => spec.lora !== undefined,
    methods: [...ranked, 'IA3'],
    message:
      'spec.lora is for method "LoRA", "QLoRA", "DoRA", "AdaLoRA", "IA3": set spec.method to one of them, or leave it out',
  },
  {
    field: 'of spec.lora all but targetModules',
    cel: `has(self.lora) && (${rankFields.map((name) => `has(self.lora.${name})`).join(' || ')})`,
    isWritten: ({ lora }) => lora !== undefined && rankFields.some((name) => lora[name] !== undefined),
    // the row above has the methods without an adapter of matrices
    methods: [...ranked, 'Full', 'Freeze', 'PromptTuning'],
    message:
      'of spec.lora all but targetModules: method "IA3" has no matrices: leave it out, or set spec.method to "LoRA"',
  },
  {
    field: 'lora.rsLoRA',
    cel: 'has(self.lora) && has(self.lora.rsLoRA) && self.lora.rsLoRA',
    isWritten: ({ lora }) => lora?.rsLoRA === true,
    methods: [...scaled, 'IA3', 'Full', 'Freeze', 'PromptTuning'],
    message:
      'lora.rsLoRA: method "AdaLoRA" scales by ranks that it changes: leave it out, or set spec.method to "LoRA"',
  },
  {
    field: 'lora.init "gaussian"',
    cel: `has(self.lora) && has(self.lora.init) && self.lora.init == 'gaussian'`,
    isWritten: ({ lora }) => lora?.init === 'gaussian',
    methods: [...scaled, 'IA3', 'Full', 'Freeze', 'PromptTuning'],
    message:
      'lora.init "gaussian": method "AdaLoRA" has first weights of its own: leave it out, or set spec.method to "LoRA"',
  },
];

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

/** Fields that a method would leave unread. Only here: the trainer gets every field with a value, written or not. */
export const belonging: readonly Rule<Written>[] = [
  ...belongings.map((row) => ({
    cel: `!(${row.cel}) || ${celOfMethod} in [${quoted(row.methods)}]`,
    message: row.message,
    holds: (spec: Written) => !row.isWritten(spec) || row.methods.includes(methodOf(spec)),
  })),
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
        .filter((row) => row.isWritten(spec) && !row.methods.includes(chosen as Method))
        .map(({ field }) => field)
    : [];
