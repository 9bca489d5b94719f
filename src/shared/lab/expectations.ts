/** What a wire is expected to be: the file of `pxe-lab check --expect`. */
import { z } from 'zod'

const ipv4 = z.ipv4()

const clientSchema = z.strictObject({
  addressFrom: ipv4.optional().describe('server whose address the client takes'),
  bootServer: ipv4.optional().describe('server that tells it how to boot'),
  file: z
    .string()
    .optional()
    .describe('boot program that it loads; slashes of both kinds and letter case are the same'),
  fileServer: ipv4.optional().describe('server that it loads it from'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i)
    .optional()
    .describe('of the boot program'),
  shows: z
    .string()
    .optional()
    .describe('code that its firmware ends with, such as PXE-E55; "" where it starts its program'),
})

export const expectationsSchema = z.strictObject({
  interface: z.string().describe('interface to ask on'),
  dhcpServers: z.array(ipv4).optional().describe('exactly these give addresses'),
  proxies: z.array(ipv4).optional().describe('exactly these answer as proxyDHCP'),
  warnings: z.literal('none').optional().describe('nothing odd is on the wire'),
  doctor: z.literal('healthy').optional().describe('nothing is wrong with the boot services of this machine'),
  clients: z
    .strictObject({
      bios: clientSchema.optional(),
      'x64-uefi': clientSchema.optional(),
      'arm64-uefi': clientSchema.optional(),
      http: clientSchema.optional(),
    })
    .optional(),
})
export type Expectations = z.infer<typeof expectationsSchema>
