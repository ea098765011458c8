/** Documentation that packages of the registries ship, pinned by version and digest. */
export interface DocumentationSet {
  name: string;
  /** what it is here for */
  about: string;
  registry: 'npm' | 'pypi';
  package: string;
  version: string;
  /** of the archive */
  sha256: string;
  include: string[];
}

export const sets: readonly DocumentationSet[] = [
  {
    name: 'fastify',
    about: 'Markdown, API reference and guides',
    ...{ registry: 'npm', package: 'fastify', version: '5.12.8' },
    sha256: '459048aabd9311309f4f95b36e8ca065e3a4613ded292bcf50442926931e4748',
    include: ['docs/**/*.md'],
  },
  {
    name: 'undici',
    about: 'Markdown, rich in code',
    ...{ registry: 'npm', package: 'undici', version: '8.12.4' },
    sha256: '26058cdb2174623666e823e6b44ccfef8d5c1955107f979b8083904b61a0ce6e',
    include: ['docs/**/*.md'],
  },
  {
    name: 'pytest',
    about: 'reStructuredText, as Sphinx reads it',
    ...{ registry: 'pypi', package: 'pytest', version: '9.2.0' },
    sha256: '97c4f3b1f3c7414aa36465e09b8220f1d03627993bd51b1282e193753c80557b',
    // without the list of plugins, which a program writes
    include: ['doc/en/{how-to,explanation,example}/**/*.rst', 'doc/en/reference/{c,e,f,r}*.rst'],
  },
  {
    name: 'rqalpha',
    about: 'Chinese, in reStructuredText',
    ...{ registry: 'pypi', package: 'rqalpha', version: '6.4.2' },
    sha256: 'deb2fda12e36d3ea04ad0abea1b2306857e897515d496f67c6d18e760da064b9',
    include: ['docs/source/**/*.rst', 'rqalpha/mod/**/*.rst'],
  },
];

/** Throws where there is none of this name. */
export function setNamed(name: string): DocumentationSet {
  const set = sets.find((one) => one.name === name);
  if (set !== undefined) return set;
  throw new Error(`there is no documentation set "${name}": choose from ${sets.map((one) => one.name).join(', ')}`);
}
