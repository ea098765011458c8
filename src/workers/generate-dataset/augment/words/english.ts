/**
 * Words that may stand for one another in questions about software. The list is our own and short on purpose: a large
 * thesaurus such as WordNet offers words of other senses ("run" for a race), and a changed sense makes a wrong row.
 * Words that are often names of methods or commands (get, put, delete, head) are left out.
 */
export const phrases: readonly (readonly string[])[] = [
  ['how do I', 'how can I', 'how do you', 'how would I'],
  ['how do we', 'how can we'],
  ['how does one', 'how can one'],
  ['can I', 'may I', 'could I'],
  ['what is the purpose of', 'what is the aim of', 'what is the point of'],
  ['what is', "what's"],
  ['in order to', 'so as to'],
  ['as well as', 'and also'],
  ['a lot of', 'many'],
  ['make sure', 'ensure'],
  ['deal with', 'handle'],
  ['code example', 'code sample'],
  ['give me', 'show me'],
  ['tell me about', 'inform me about'],
  ['reading about', 'learning about'],
  ['say about', 'tell about'],
  ['in the context of', 'within the context of'],
];

/** Every form is of one group; the forms of a group fit the same place. */
export const words: readonly (readonly string[])[] = [
  ['happens', 'occurs'],
  ['happen', 'occur'],
  ['allows', 'permits'],
  ['allowed', 'permitted'],
  ['requires', 'needs'],
  ['required', 'needed'],
  ['purpose', 'aim'],
  ['difference', 'distinction'],
  ['differences', 'distinctions'],
  ['advantage', 'benefit'],
  ['advantages', 'benefits'],
  ['drawbacks', 'downsides', 'disadvantages'],
  ['recommended', 'advised', 'suggested'],
  ['possible', 'feasible'],
  ['correctly', 'properly'],
  ['incorrect', 'wrong'],
  ['quickly', 'rapidly'],
  ['automatically', 'by itself'],
  ['additional', 'further', 'extra'],
  ['several', 'multiple'],
  ['entire', 'whole'],
  ['usually', 'normally', 'typically'],
  ['currently', 'at present'],
  ['provides', 'supplies'],
  ['provided', 'supplied'],
  ['describes', 'explains'],
  ['changes', 'modifies', 'alters'],
  ['changed', 'modified', 'altered'],
  ['created', 'made'],
  ['removed', 'taken out'],
  ['invoked', 'called'],
  ['important', 'significant'],
  ['because', 'since'],
  ['often', 'frequently'],
  ['besides', 'apart from'],
];

/** Verbs that are also nouns or names: replaced only at the start of a sentence or after a word that makes them verbs. */
export const verbs: readonly (readonly string[])[] = [
  ['use', 'employ', 'utilize'],
  ['set', 'specify'],
  ['configure', 'set up'],
  ['change', 'modify', 'alter'],
  ['create', 'make'],
  ['add', 'include'],
  ['check', 'verify'],
  ['handle', 'deal with'],
  ['start', 'begin'],
  ['find', 'locate'],
  ['fix', 'repair'],
  ['call', 'invoke'],
  ['obtain', 'retrieve'],
  ['run', 'execute'],
  ['send', 'transmit'],
  ['need', 'require'],
  ['keep', 'retain'],
  ['choose', 'select', 'pick'],
  ['improve', 'enhance'],
  ['define', 'specify'],
  ['explain', 'describe', 'clarify'],
  ['enable', 'turn on', 'activate'],
  ['disable', 'turn off', 'deactivate'],
  ['allow', 'permit'],
  ['ensure', 'make sure'],
  ['show', 'display'],
  ['prevent', 'avoid'],
  ['stop', 'halt'],
];
export const beforeVerbs: ReadonlySet<string> = new Set([
  ...['to', 'i', 'you', 'we', 'one', 'they', 'can', 'could', 'should', 'must', 'may', 'might', 'will', 'would'],
  ...['please', 'and'],
]);

/** Words without which a question asks the same. Not "a": to return a value is not the return value. */
export const droppable: ReadonlySet<string> = new Set([
  ...['the', 'please', 'exactly', 'actually', 'just', 'simply', 'really', 'basically', 'currently'],
]);

/** Words that carry no sense of their own: one of two that change places must be of them. */
export const light: ReadonlySet<string> = new Set([
  ...['i', 'you', 'we', 'one', 'it', 'they', 'do', 'does', 'did', 'is', 'are', 'was', 'were', 'can', 'could'],
  ...['should', 'would', 'will', 'may', 'might', 'must', 'also', 'usually', 'currently', 'exactly', 'actually'],
]);

/** What stands behind them is denied: a word that moves there or away turns the question around. */
export const negations: ReadonlySet<string> = new Set(['not', 'no', 'never', "don't", "doesn't", 'without']);

/** Words that must keep their place: they say what belongs to what, or deny it. */
export const bound: ReadonlySet<string> = new Set([
  ...['a', 'an', 'the', 'not', 'no', 'never', 'only', 'without', 'with', 'and', 'or', 'but', 'than', 'from', 'to'],
  ...['of', 'in', 'on', 'at', 'by', 'for', 'into', 'onto', 'before', 'after', 'between', 'if', 'unless', 'until'],
  ...['when', 'while', 'because', 'since', 'as', 'that', 'which', 'who', 'whose', 'this', 'these', 'those', 'my'],
  ...['each', 'every', 'all', 'any', 'some', 'both', 'either', 'neither', 'more', 'less', 'most', 'least', 'first'],
  ...["don't", "doesn't", "can't", "won't", "isn't", "aren't", "shouldn't", 'cannot'],
]);
