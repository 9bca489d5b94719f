/** Machines one by one in the lab file: what they are called, their variables, what they load, and groups of them. */
import { say } from '#messages/message.ts'
import { z } from 'zod'
import { parseIpv4Network } from '../wire/bytes.ts'
import { parseIpv6Network } from '../wire/ip-address.ts'
import { ruleArchitectures } from '../machines/boot-policy.ts'
import { builtInVariables, isHostName, toldNumber } from '../machines/variables/machines.ts'
import { variableName } from '../machines/variables/template.ts'
import { described, macField, uuidField } from './fields.ts'
import { refusal } from './phrase.ts'

const oneLine = z
  .string()
  .max(4096)
  // oxlint-disable-next-line no-control-regex
  .regex(/^[^\x00-\x1f\x7f]*$/, 'has a line end or a control character in it')

const value = z.union([oneLine, z.number(), z.boolean(), z.strictObject({ secret: oneLine.min(1) })])

const variables = (what: string) =>
  described(
    z.record(
      z
        .string()
        .regex(variableName, 'is no name of a variable: write a letter, then letters, digits and _')
        .refine((name) => !Object.hasOwn(builtInVariables, name), refusal(say('schema.variable-every-machine-has-by'))),
      value,
    ),
    what,
  )

const bootName = (what: string) => described(z.string().min(1).max(1024), what)

const machine = z
  .strictObject({
    mac: macField().optional(),
    uuid: uuidField().optional(),
    serial: described(
      z.string().refine((text) => toldNumber(text) === text, refusal(say('schema.no-serial-number-tells-one'))),
      'the serial number, which is known when iPXE has told it (?serial=${serial}) or a Raspberry Pi has asked for its folder',
    ).optional(),
    asset: described(
      z.string().refine((text) => toldNumber(text) === text, refusal(say('schema.no-asset-tag-tells-one'))),
      'the asset tag, which is known when iPXE has told it (?asset=${asset})',
    ).optional(),
    subnet: described(
      z
        .string()
        .refine(
          (text) => (parseIpv4Network(text) ?? parseIpv6Network(text)) !== undefined,
          refusal(say('schema.not-network')),
        ),
      'the network the machines are in, such as 192.168.77.0/24',
    ).optional(),
    architecture: described(
      z
        .union([z.string(), z.int(), z.array(z.union([z.string(), z.int()])).min(1)])
        .refine((one) => ruleArchitectures(one).length > 0, refusal(say('schema.no-architecture'))),
      'bios, x64-uefi, arm64-uefi, any word of the architecture table or its number; or a list of them',
    ).optional(),
    hostname: described(
      z.string().refine(isHostName, refusal(say('schema.not-host-name'))),
      'what the machine is called: {hostname}, option 12, and its name on the page Clients',
    ).optional(),
    variables: variables('variables of these machines, such as { role: kiosk }').default({}),
    boot: bootName('what these machines load in place of what boot.programs says, such as kiosk/{role}.efi').optional(),
  })
  .refine(
    (one) => [one.mac, one.uuid, one.serial, one.asset, one.subnet, one.architecture].some((is) => is !== undefined),
    refusal(say('schema.names-no-machine-write-mac')),
  )
  .refine(
    (one) => one.hostname === undefined || [one.mac, one.uuid, one.serial, one.asset].some((is) => is !== undefined),
    refusal(say('schema.one-name-for-many')),
  )

const group = z.strictObject({
  name: described(
    z.string().regex(/^[\w.-]{1,63}$/, 'is no name'),
    'what the group is called: letters, digits, dots, - and _',
  ),
  machines: described(
    z.array(z.string().min(1)).min(1).max(1000),
    'MAC addresses, or names of machines of this file: [server1, 52:54:00:00:00:01]',
  ),
  atOnce: described(z.int().min(1).max(1000), 'how many machines may boot at once; the next is woken when one has booted').default(8), // prettier-ignore
  after: described(z.string().min(1), 'the name of a group whose machines boot first').optional(),
  waitMinutes: described(
    z.int().min(1).max(240),
    'minutes to wait for a machine that was woken, before it counts as failed',
  ).default(10),
})

/** Keys of the lab file. */
export const machineKeys = {
  variables: variables(
    'variables of every machine, such as { role: desktop }; a value that is a password is written as { secret: text }',
  ).default({}),
  machines: described(
    z.array(machine).max(10_000),
    'machines one by one, or by network and architecture: [{ mac: 52:54:00:00:00:01, hostname: node1, variables: { role: kiosk } }]',
  ).default([]),
  groups: described(
    z.array(group).max(200),
    'groups of machines with the order in which they are woken: [{ name: servers, machines: [node1] }, { name: desks, machines: [node2], after: servers }]',
  ).default([]),
}

/** A pattern of `boot.templates`: * is anything but a slash, ** anything, and without a slash it is a name in any folder. */
export const templatePattern = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !/^[\\/]|^[a-z]:|(^|[\\/])\.\.([\\/]|$)/i.test(text), refusal(say('schema.leads-out-boot-folder')))
  .refine((text) => !/^[*./\\]*$/.test(text), refusal(say('schema.makes-templates-all-files-programs')))
