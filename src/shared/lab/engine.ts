/** The part of the lab file that names a DHCP server which gives the addresses in place of the responder. */
import { say } from '#messages/message.ts'
import { z } from 'zod'
import { described } from './fields.ts'
import { refusal } from './phrase.ts'

/** A user in it would stand in logs. */
const isControlUrl = (text: string): boolean =>
  /^https?:\/\/(\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?(\/[^\s?#@]*)?$/i.test(text)

const keaServer = z
  .strictObject({
    socket: described(
      z
        .string()
        .min(1)
        .refine((text) => text.startsWith('/'), refusal(say('schema.no-absolute-path'))),
      'the control socket of a kea-dhcp4 on this machine, such as /run/kea/kea4-ctrl-socket',
    ).optional(),
    url: described(
      z.string().refine(isControlUrl, refusal(say('schema.not-http-or-https-address'))),
      'the address of the control agent (up to Kea 2.6) or of the HTTP control channel (from 2.7.2 on), such as https://kea1.example:8000/',
    ).optional(),
    user: described(z.string().min(1), 'the user of its basic authentication').optional(),
    passwordFile: described(
      z.string().min(1),
      'a file with the password of that user in its first line, relative to the lab file',
    ).optional(),
    ca: described(
      z.string().min(1),
      'a PEM file of whoever signed its certificate, relative to the lab file, in place of the authorities of this system',
    ).optional(),
    fingerprint: described(
      z.string().regex(/^([0-9a-f]{2}:?){32}$/i, 'is not a SHA-256 fingerprint'),
      'the SHA-256 fingerprint of its certificate, in place of who signed it',
    ).optional(),
  })
  .refine(
    (one) => (one.socket === undefined) !== (one.url === undefined),
    refusal(say('schema.needs-either-socket-or-url')),
  )

export const engineSchema = z.strictObject({
  kea: z.strictObject({
    servers: described(
      z.array(keaServer).min(1).max(4),
      'its control channels, both of a pair: [{ socket: /run/kea/kea4-ctrl-socket }]',
    ),
    save: described(
      z.boolean(),
      'true has Kea write its configuration file too, so that the boot logic outlives a restart of Kea',
    ).default(true),
  }),
})

export type KeaServer = z.infer<typeof keaServer>
export type Engine = z.infer<typeof engineSchema>

/** How a server is spoken of. */
export const keaServerName = ({ socket, url }: KeaServer): string => url ?? socket ?? ''
