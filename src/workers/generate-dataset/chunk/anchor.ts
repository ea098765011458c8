import { slug } from 'github-slugger';

/** The anchor that GitHub and most site generators give a heading, for its first occurrence on a page. */
export const anchorOf = (heading: string): string => slug(heading.replace(/[`*]/g, ''));
