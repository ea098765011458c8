import { hashShare } from '../split/hash.ts';

/** Who asks, and in what manner: the same fact is asked for in many ways. */
const builtInPersonas = [
  'a developer who is new to the project',
  'an experienced developer who wants a precise and short answer',
  'an operator who runs it in production',
  'a developer who moves here from another tool',
  'a student who learns the field',
  'a maintainer who reviews the code of others',
  'a colleague who asks in a chat, casually and in few words',
  'a technical writer who wants exact terms',
] as const;

export function personaFor(personas: readonly string[], seed: number, unit: string): string {
  const known = personas.length === 0 ? builtInPersonas : personas;
  return known[Math.floor(hashShare(seed, 'persona', unit) * known.length)] ?? builtInPersonas[0];
}
