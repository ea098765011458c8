import cardValidator from 'card-validator';
import { electronicFormatIBAN, isValidIBAN } from 'ibantools';
import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';
import type { SensitiveSpan } from './span.ts';

/** published by payment services for tests */
const testCards = /^(4242|4000|4111|4012|5555|5200|5105|3782|3714|6011|3056|3622|3530|3566|2223|6200)/;
const cardWord = /(card|visa|mastercard|amex|卡)[^\n]{0,24}$/i;

const candidates = (text: string, pattern: RegExp): { value: string; start: number; before: string }[] =>
  [...text.matchAll(pattern)].map((match) => {
    const value = match.groups?.['value'] ?? match[0];
    const start = match.index + match[0].length - value.length;
    return { value, start, before: text.slice(Math.max(0, start - 48), start) };
  });

const span = (kind: string, { value, start }: { value: string; start: number }): SensitiveSpan => ({
  kind,
  start,
  end: start + value.length,
});

/** Numbers of payment cards: in groups of four, or after a word for a card; the brand and the check digit must fit. */
export const findCards = (text: string): SensitiveSpan[] =>
  candidates(text, /(?<![\w.-])\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,7}(?![\w-]|\.\d)/g)
    .filter(({ value, before }) => {
      const digits = value.replace(/[ -]/g, '');
      if (testCards.test(digits) || !cardValidator.number(digits).isValid) return false;
      return digits !== value || cardWord.test(before);
    })
    .map((found) => span('card-number', found));

/** Numbers of bank accounts (ISO 13616); the length of the country and the check digits must fit. */
export const findAccounts = (text: string): SensitiveSpan[] =>
  candidates(text, /(?<![\w/+-])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![\w/+-])/g)
    .filter(({ value }) => isValidIBAN(electronicFormatIBAN(value) ?? ''))
    .map((found) => span('iban', found));

/** Chinese resident identity numbers (GB 11643): a date of birth, and a check digit that fits. */
export const findResidentNumbers = (text: string): SensitiveSpan[] =>
  candidates(
    text,
    /(?<![\w.-])[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\w-]|\.\d)/g,
  )
    .filter(({ value }) => residentCheckDigit(value) === value.at(-1)?.toUpperCase())
    .map((found) => span('identity-number', found));

function residentCheckDigit(value: string): string | undefined {
  // ISO 7064 MOD 11-2: the weight of each digit is a power of two, from the right
  let sum = 0;
  for (let at = 0; at < 17; at += 1) sum += Number(value[at]) * (2 ** (17 - at) % 11);
  return '10X98765432'[sum % 11];
}

/** numbers that films and manuals use in North America */
const fictional = /555[ .-]?01\d{2}$/;
const national: { pattern: RegExp; country: CountryCode }[] = [
  {
    pattern: /(?:电话|手机|電話|联系方式|tel|phone|mobile)[^\n\d+]{0,12}(?<value>1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?!\d)/gi,
    country: 'CN',
  },
  {
    pattern: /(?:tel|phone|mobile|cell|fax)[^\n\d+]{0,12}(?<value>\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?!\d)/gi,
    country: 'US',
  },
];

/** Telephone numbers: international ones that are possible in their country, national ones after a word for it. */
export const findTelephones = (text: string): SensitiveSpan[] =>
  [
    ...candidates(
      text,
      /(?<![\w+.)-])\+[1-9]\d{0,2}[ .-]?(?:\(\d{1,5}\)[ .-]?)?\d{1,5}(?:[ .-]?\d{2,5}){1,5}(?![\w+]|[.-]\d)/g,
    ).filter(({ value }) => isTelephone(value)),
    ...national.flatMap(({ pattern, country }) =>
      candidates(text, pattern).filter(({ value }) => isTelephone(value, country)),
    ),
  ].map((found) => span('telephone', found));

const isTelephone = (value: string, country?: CountryCode): boolean =>
  !fictional.test(value) && parsePhoneNumberFromString(value, country)?.isValid() === true;
