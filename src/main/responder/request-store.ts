/** Pending requests in the state folder, so that a decision that is remembered outlives the responder. */
import { z } from 'zod'
import { mostRequests, type PendingRequest } from '#shared/machines/pending-requests.ts'
import { readKeptList } from './kept-list.ts'

export const requestsFile = 'approvals.json'

const stored = z
  .array(
    z.object({
      request: z.int().min(1).max(0xffffffff),
      mac: z.string(),
      uuid: z.string().optional(),
      architecture: z.int().optional(),
      // Older files have neither.
      vendorClass: z.string().default(''),
      file: z.string().default(''),
      since: z.number(),
      state: z.enum(['pending', 'approved', 'refused']),
      name: z.string(),
      isRemembered: z.boolean(),
    }),
  )
  .max(mostRequests)

/** Empty where there is no file; `problem` says why one that is there cannot be used. */
export function readRequests(path: string): { readonly requests: PendingRequest[]; readonly problem?: string } {
  const { list, ...rest } = readKeptList(path, stored)
  return { requests: list.map((one) => ({ ...one, uuid: one.uuid, architecture: one.architecture })), ...rest }
}
