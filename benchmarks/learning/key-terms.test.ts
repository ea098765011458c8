import { describe, expect, it } from 'vitest';
import { holdsKeyTerms, keyTerms } from './key-terms.ts';

describe('key terms of an answer', () => {
  it('are its names, as code writes them, and its numbers, each once', () => {
    const answer =
      'Set `trustProxy` or call reply.code_now(404): FST_ERR_42, HTTP/2 and curve25519 with trustProxy, after 10 s.';
    expect(keyTerms('How is it set?', answer)).toEqual([
      'trustProxy',
      'reply.code_now',
      '404',
      'FST_ERR_42',
      'HTTP/2',
      'curve25519',
      '10',
    ]);
  });

  it('are words of code, but no keywords and not the language of a block', () => {
    const answer = 'Like this:\n\n```js\nconst app = require("fastify")\nawait listen({ port: 3000 })\n```';
    expect(keyTerms('Show it.', answer)).toEqual(['app', 'fastify', 'listen', 'port', '3000']);
  });

  it('are no plain words, however long', () => {
    expect(keyTerms('What is it?', 'An encapsulated context is well-known. It is A or I.')).toEqual([]);
  });

  it('are none that the question tells, also as a part', () => {
    expect(keyTerms('What does `reply.header` do?', 'Sets `header` by `reply.raw`.')).toEqual(['reply.raw']);
  });
});

describe('an answer', () => {
  it('holds the terms with half of them as whole words, letter by letter', () => {
    const terms = ['trustProxy', '404', 'reply.raw', 'HTTP'];
    expect(holdsKeyTerms(terms, 'With trustProxy it is 404.')).toBe(true);
    expect(holdsKeyTerms(terms, 'With trustproxy it is 404.')).toBe(false);
    expect(holdsKeyTerms(terms, 'With trustProxyOff it is 4041.')).toBe(false);
  });

  it('cannot be judged without terms', () => {
    expect(() => holdsKeyTerms([], 'yes')).toThrow('without key terms');
  });
});
