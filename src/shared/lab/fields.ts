/** Values that stand in several parts of the lab file. */
import { say } from '#messages/message.ts'
import { z } from 'zod'
import { parseMac, parseUuid } from '../wire/bytes.ts'
import { refusal } from './phrase.ts'

/** `description` says what may be written; error messages use it as the remedy. */
export const described = <T extends z.ZodType>(schema: T, description: string): T => schema.describe(description)

export const macField = (description = 'a whole MAC address such as 52:54:00:00:00:01') =>
  described(
    z.string().refine((text) => parseMac(text) !== undefined, refusal(say('schema.not-mac-address'))),
    description,
  )

export const uuidField = (description = 'the machine identifier the firmware shows') =>
  described(
    z.string().refine((text) => parseUuid(text) !== undefined, refusal(say('schema.not-uuid'))),
    description,
  )
