/** Values that stand in several parts of the lab file. */
import { z } from 'zod'
import { parseMac, parseUuid } from '../wire/bytes.ts'

/** `description` says what may be written; error messages use it as the remedy. */
export const described = <T extends z.ZodType>(schema: T, description: string): T => schema.describe(description)

export const macField = (description = 'a whole MAC address such as 52:54:00:00:00:01') =>
  described(
    z.string().refine((text) => parseMac(text) !== undefined, 'is not a MAC address'),
    description,
  )

export const uuidField = (description = 'the machine identifier the firmware shows') =>
  described(
    z.string().refine((text) => parseUuid(text) !== undefined, 'is not a UUID'),
    description,
  )
