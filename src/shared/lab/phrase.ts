/** Sentences in what crosses processes and is kept in files. */
import { z } from 'zod'
import { isPhrase, type Message, type Phrase } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'

/** A text as it stands, or a message: the code of a sentence with what goes into it. */
export const phraseSchema = z
  .union([z.string(), z.object({ say: z.string(), values: z.record(z.string(), z.unknown()).optional() })])
  .refine(isPhrase) as unknown as z.ZodType<Phrase>

/** For `z.toJSONSchema`: a phrase is its English sentence for other programs (`json.ts`). */
export function asSentence({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodTypes
  jsonSchema: z.core.JSONSchema.BaseSchema
}): void {
  // With a description it is a child of the schema.
  // oxlint-disable-next-line no-underscore-dangle -- zod has no other name for it.
  if (![zodSchema, zodSchema._zod.parent].includes(phraseSchema)) return
  delete jsonSchema.anyOf
  jsonSchema.type = 'string'
}

/** Why a refinement refuses a value: what `schema-problems.ts` tells. */
export const refusal = (says: Message): { readonly message: string; readonly params: { readonly says: Message } } => ({
  message: inEnglish(says),
  params: { says },
})
