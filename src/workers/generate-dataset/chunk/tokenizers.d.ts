/** What is used of the package: its own declarations import without file endings, which Node's resolution does not find. */
declare module '@huggingface/tokenizers' {
  export class Tokenizer {
    /** contents of tokenizer.json and tokenizer_config.json */
    constructor(tokenizer: object, config: object);
    encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
  }
}
