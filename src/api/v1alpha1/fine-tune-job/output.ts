import { z } from 'zod';
import { plainHttp, secretKeyRef } from '../references.ts';
import { withRules } from '../rules.ts';
import { setOf } from '../scalars.ts';

/** Quantised forms that the trainer can write itself; "q4_k_m" and its kin need llama.cpp's own program. */
const ggufKinds = ['f16', 'q8_0', 'q5_1', 'q5_0', 'q4_1', 'q4_0'] as const;

export const output = withRules(
  z.strictObject({
    merged: z
      .boolean()
      .optional()
      .describe('Publish base and adapter as one model in 16 bits beside the adapter; false if not given.'),
    gguf: setOf(z.enum(ggufKinds), 1, ggufKinds.length)
      .optional()
      .describe('Publish GGUF files for llama.cpp with weights of these kinds; none if not given.'),
    onnx: z.boolean().optional().describe('Publish an ONNX graph; false if not given.'),
    torchScript: z.boolean().optional().describe('Publish a TorchScript module; false if not given.'),
    ollama: z
      .boolean()
      .optional()
      .describe('Publish a Modelfile for Ollama, for the first kind of gguf; false if not given.'),
    oci: z
      .strictObject({
        repository: z
          .string()
          .max(255)
          .regex(/^[a-zA-Z0-9][a-zA-Z0-9.-]*(:[0-9]+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+$/)
          .describe('Registry and path without a tag, such as "ghcr.io/example/handbook-adapter".'),
        tag: z
          .string()
          .max(80)
          .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/)
          .optional()
          .describe('Tag of the adapter; one made of its digest if not given. Exports have their name behind it.'),
        secretRef: secretKeyRef('the docker configuration with the credentials', '.dockerconfigjson')
          .optional()
          .describe('Credentials that may push. The operator never reads it.'),
        insecure: plainHttp(),
      })
      .optional()
      .describe(
        'Push the adapter, and merged and GGUF exports, to a registry as OCI artifacts; a change counts from the next run on.',
      ),
    samples: z
      .strictObject({
        prompts: z.int().min(0).max(64).optional().describe('Validation rows that are answered; 5 if not given.'),
        maxNewTokens: z
          .int()
          .min(1)
          .max(4096)
          .optional()
          .describe('Tokens of an answer at the most, its prompt not counted; 200 if not given.'),
      })
      .optional()
      .describe('Answers of base and tuned model that are published beside the adapter.'),
  }),
  {
    cel: '!has(self.ollama) || !self.ollama || has(self.gguf)',
    message: 'output.ollama needs a kind in output.gguf, which it names',
    holds: ({ ollama = false, gguf }) => !ollama || gguf !== undefined,
  },
);
