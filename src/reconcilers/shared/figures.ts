/** Six significant digits are more than any measurement here has; the API keeps decimals as strings. */
export const figureOf = (value: number): string => String(Number(value.toPrecision(6)));

/** Members whose figure is known, as strings. */
export function figuresOf<Name extends string>(
  values: Readonly<Record<Name, number | null | undefined>>,
): Partial<Record<Name, string>> {
  const known = Object.entries<number | null | undefined>(values).flatMap(([name, value]) =>
    value === null || value === undefined || !Number.isFinite(value) ? [] : [[name, figureOf(value)] as const],
  );
  return Object.fromEntries(known) as Partial<Record<Name, string>>;
}

/** Members that are known, without the others. */
export function known<T extends object>(values: T): { [Name in keyof T]?: Exclude<T[Name], null | undefined> } {
  const present = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(present) as { [Name in keyof T]?: Exclude<T[Name], null | undefined> };
}
