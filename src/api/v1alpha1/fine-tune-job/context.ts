import { z } from 'zod';
import { atMostOneOf, withRules } from '../rules.ts';
import { decimal } from '../scalars.ts';

/** Rows that are longer than the base model knows positions for; which of both suits is a matter of its architecture. */
export const context = withRules(
  z.strictObject({
    ropeScaling: z
      .strictObject({
        type: z
          .enum(['Linear', 'Dynamic', 'Yarn'])
          .describe(
            '"Linear": positions are interpolated; "Dynamic": only for rows beyond the old length; "Yarn": by frequency.',
          ),
        factor: decimal('context.ropeScaling.factor', { above: 1, max: 64 }).describe(
          'New length over that of the base model.',
        ),
      })
      .optional()
      .describe('Scaling of rotary positions; it is published with the weights.'),
    positions: z
      .strictObject({
        length: z.int().min(2).max(1_048_576).describe('Positions in all; more than the base model has.'),
        init: z
          .enum(['Interpolate', 'Random'])
          .optional()
          .describe(
            '"Interpolate": between the known ones; "Random": small ones after them; Interpolate if not given.',
          ),
      })
      .optional()
      .describe('More learned positions, as in GPT-2 and OPT; they are trained and published with the weights.'),
  }),
  atMostOneOf('context', 'ropeScaling', 'positions'),
);
