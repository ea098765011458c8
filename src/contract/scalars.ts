import { z } from 'zod';

export const count = z.int().min(0);
export const decimal = z.number().nullable();
/** CamelCase, as reasons of conditions are */
export const reason = z.string().regex(/^[A-Z][A-Za-z0-9]{1,63}$/);
