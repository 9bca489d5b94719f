/**
 * The roles of a lab: the responder as Windows Deployment Services or as the PXE responder of Configuration Manager. What
 * can be set is what a client notices before Windows PE runs; the password of a PXE point, for one, is asked for later
 * (unconfirmed: published research has it, Microsoft's documentation does not name the moment).
 */
import { say } from '#messages/message.ts'
import { z } from 'zod'
import { encodeText, parseIpv4, parseMac, parseUuid } from '../wire/bytes.ts'
import { windowsArchitectures } from '../machines/windows-programs.ts'
import { macField, uuidField } from './fields.ts'
import { refusal } from './phrase.ts'

export const roles = ['wds', 'configmgr'] as const

const mac = macField()
const uuid = uuidField()
const deviceName = z.string().min(1).max(63).describe('the name of the machine')
const path = z.string().min(1).max(127)

const identified = { mac: mac.optional(), uuid: uuid.optional(), name: deviceName.optional() }
const namesNobody = refusal(say('schema.names-nobody'))
const prestaged = z
  .strictObject({
    ...identified,
    bootFile: path.describe('what this machine loads after wdsnbp.com or wdsmgfw.efi, such as boot\\x64\\pxeboot.com').optional(), // prettier-ignore
    wdsServer: z
      .string()
      .refine((text) => parseIpv4(text) !== undefined, refusal(say('schema.not-ipv4-address')))
      .describe('the IPv4 address of the WDS server that is to serve this machine (a referral)')
      .optional(),
  })
  .refine((one) => one.mac ?? one.uuid, namesNobody)
const inDatabase = z.strictObject(identified).refine((one) => one.mac ?? one.uuid, namesNobody)

const delaySeconds = z
  .int()
  .min(0)
  .max(32)
  .default(0)
  .describe('seconds a client must have waited, by its own count, before it is offered anything: 0 to 32')
const architectures = z
  .array(z.enum(windowsArchitectures))
  .min(1)
  .default(['bios', 'x64-uefi'])
  .describe(`machines there are boot files for: ${windowsArchitectures.join(', ')}`)

const bcdPaths = z
  .partialRecord(z.enum(windowsArchitectures), path)
  .default({})
  .describe('boot configuration by architecture (option 252): { x64-uefi: \\Boot\\x64\\default.bcd }; without it the boot program uses its own') // prettier-ignore

/** Whether a deployment's `to` means that machine. */
export const namesDevice = (device: z.infer<typeof inDatabase>, to: string): boolean =>
  device.name?.toLowerCase() === to.toLowerCase() ||
  (device.mac !== undefined && parseMac(device.mac) === parseMac(to)) ||
  (device.uuid !== undefined && parseUuid(to) !== undefined && plainUuid(device.uuid) === plainUuid(to))

/** As clients are known by it. */
export const plainUuid = (text: string): string => text.toLowerCase().replace(/[{}]/g, '')

export const wdsSchema = z.strictObject({
  answer: z.enum(['none', 'known', 'all']).default('all').describe('none, known or all: which clients are answered'),
  approve: z
    .boolean()
    .default(false)
    .describe('true makes unknown machines wait until somebody approves them on the Clients page'),
  pollSeconds: z.int().min(1).max(3600).default(10).describe('how often a waiting machine asks again'),
  message: z
    .string()
    .refine((text) => encodeText(text).length <= 200, refusal(say('schema.longer-than', { bytes: 200 })))
    .default('Please wait. Your administrator has been told.')
    .describe('the message from the administrator that a waiting machine shows, 200 bytes at most'),
  delaySeconds: delaySeconds.describe('seconds a client that is not prestaged must have waited, by its own count: 0 to 32'), // prettier-ignore
  architectureDiscovery: z
    .boolean()
    .default(true)
    .describe('false gives BIOS machines the 32-bit boot program, since their firmware does not say that they are x64'),
  prompt: z.enum(['optIn', 'noPrompt', 'optOut']).default('noPrompt').describe('optIn asks for a key, noPrompt does not, optOut goes on unless Esc is pressed'), // prettier-ignore
  architectures,
  bcd: bcdPaths,
  devices: z
    .array(prestaged)
    .max(5000)
    .default([])
    .describe('prestaged machines: [{ mac: 52:54:00:00:00:01, name: pc1 }]'),
})

export const configmgrSchema = z.strictObject({
  unknown: z.boolean().default(false).describe('true enables unknown computer support'),
  delaySeconds,
  architectures,
  bcd: bcdPaths,
  devices: z
    .array(inDatabase)
    .max(5000)
    .default([])
    .describe(
      'machines in the database: [{ mac: 52:54:00:00:00:01, name: pc1 }]; one without a deployment gets abortpxe',
    ),
  deployments: z
    .array(
      z.strictObject({
        to: z
          .string()
          .min(1)
          .describe('all (machines in the database), unknown, or a name, MAC address or UUID of devices'),
        kind: z
          .enum(['required', 'available'])
          .describe('required boots at once, available asks for a key (F12 or Enter)'),
        bootImage: z
          .string()
          .regex(/^[A-Za-z0-9]{3,16}$/, 'is not a package ID such as PS100005')
          .describe('the package ID of a boot image such as PS100005, whose files are below smsboot\\PS100005')
          .optional(),
      }),
    )
    .max(5000)
    .default([])
    .describe('task sequences, the first that is for a machine counts: [{ to: all, kind: required }]'),
})
