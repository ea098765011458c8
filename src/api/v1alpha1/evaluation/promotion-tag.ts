import { z } from 'zod';
import { digest } from '../artifact.ts';
import { plainHttp, secretKeyRef } from '../references.ts';
import { withRules } from '../rules.ts';
import { count, time } from '../scalars.ts';

const tag = withRules(
  z
    .string()
    .min(1)
    .max(128)
    .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/),
  {
    cel: "!self.startsWith('sha256-')",
    message: 'promotion.oci.tag: tags that begin with "sha256-" are those that trainings make: choose another',
    holds: (text) => !text.startsWith('sha256-'),
  },
);

/** What else is told of the promoted adapter. */
export const promotion = z.strictObject({
  oci: z
    .strictObject({
      tag: tag
        .default('promoted')
        .describe('The tag; no FineTuneJob may push to it, and no other Evaluation of the repository may move it.'),
      secretRef: secretKeyRef('the docker configuration with the credentials', '.dockerconfigjson')
        .optional()
        .describe(
          'Credentials that may move the tag; those of output.oci of the FineTuneJob if not given and the registry is the same. The operator never reads it.',
        ),
      insecure: plainHttp().describe(
        'Speak plain http, for a registry inside the cluster; as output.oci of the FineTuneJob if not given and the registry is the same.',
      ),
    })
    .optional()
    .describe(
      'Let a tag name the promoted adapter, in the repository that output.oci of the FineTuneJob pushed it to. It moves when status.promoted does.',
    ),
});

const tagPlace = z.strictObject({
  reference: z.string().max(640).describe('Registry, path and tag.'),
  digest: digest().describe('Digest of the manifest that it names.'),
  movedAt: time().describe('When it was put there.'),
});
export type PromotedTag = z.output<typeof tagPlace>;

const tagFailure = z.strictObject({
  inputsHash: z.string().max(64).describe('What was tried, as a hash: another try of something else begins anew.'),
  failures: count().describe('Failed tries in a row.'),
  reason: z.string().max(64).describe('Why, as one word.'),
  message: z.string().max(1024).describe('Why, and what to do.'),
  time: time().describe('When the last of them failed.'),
});
export type TagFailure = z.output<typeof tagFailure>;

export const promotionTagStatus = {
  promotedTag: tagPlace
    .optional()
    .describe('Where the tag of spec.promotion.oci was put last; gone while it cannot be moved from here.'),
  promotedTagFailure: tagFailure.optional().describe('Why it is not moved yet; it is tried again by itself.'),
};
