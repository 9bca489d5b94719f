/** A lab file read as the model: each client is offered what the responder offers it, by the line that says so. */
import { expect, test } from 'vitest'
import { offerOf } from '#shared/interchange/evaluate.ts'
import { readConfiguration } from '#shared/interchange/read.ts'
import { yamlText } from '#shared/lab/yaml-file.ts'
import { twinOf } from '#shared/twin/twin.ts'
import { networkOf } from '#shared/twin/network.ts'
import { differences } from '../helpers/export-engines.ts'
import { clientsOf, labOf, offersOf } from '../helpers/export-labs.ts'
import { repliesOf } from '../helpers/import-engines.ts'

const count = Number(process.env['PXE_LAB_EXPORT_LABS'] ?? 30)
const first = Number(process.env['PXE_LAB_EXPORT_SEED'] ?? 1)

test(`${count} labs`, () => {
  for (let seed = first; seed < first + count; seed++) {
    const lab = labOf(seed)
    const clients = clientsOf(seed, lab)
    const ours = offersOf(lab, clients)
    const configuration = readConfiguration({ name: 'lab.yaml', text: yamlText(lab) })!
    expect(configuration.engine).toBe('lab')
    expect(configuration.notUnderstood, `seed ${seed}`).toEqual([])
    const read = repliesOf(configuration, clients)
    // A menu names the server of each of its items, whose address the file does not say.
    const isMenu = (what: string): boolean =>
      /^(option 43|next server)$/.test(what) && (lab.boot.menu !== undefined || lab.boot.menus.length > 0)
    for (const [at, { name }] of clients.entries())
      expect(differences(lab, ours[at], read[at]).filter(({ what }) => !isMenu(what)), `seed ${seed}, ${name}`).toEqual([]) // prettier-ignore
  }
})

const lab = `interface: eth1
mode: dhcp
dhcp:
  subnets:
    - subnet: 10.0.0.0/24
      pools: [{ start: 10.0.0.10, end: 10.0.0.20 }]
      reservations:
        - { mac: 02:00:5e:20:00:01, address: 10.0.0.41 }
boot:
  files: ./boot
  programs:
    - { architecture: bios, file: pxelinux.0 }
    - { architecture: x64-uefi, file: grubx64.efi }
`

test('each statement has the line of the lab file, and what is wrong there is listed', () => {
  const found = readConfiguration({ name: 'lab.yaml', text: lab })!
  const offer = offerOf(found, found.subnets[0]!, { mac: '02:00:5e:20:00:01', options: new Map([[60, 'PXEClient:Arch:00007'], [93, '\0\u0007']]) }) // prettier-ignore
  expect([offer.subnet.source.line, offer.reservation?.source.line, offer.bootFile]).toEqual([5, 8, { text: 'grubx64.efi', source: { file: 'lab.yaml', line: 13 } }]) // prettier-ignore
  const wrong = readConfiguration({ name: 'lab.yaml', text: lab.replace('mode: dhcp', 'mode: dcp') })!
  expect(wrong.notUnderstood.map(({ line }) => line)).toEqual([2])
})

test('a lab file is played beside other configurations', () => {
  const { rows, notices } = twinOf(networkOf([{ name: 'lab.yaml', text: lab }]))
  const states = Object.fromEntries(rows[0]!.cells.map(({ kind, state }) => [kind.key, state]))
  expect(states).toMatchObject({ bios: 'boots-if', edk2: 'boots-if', 'edk2-arm64': 'fails' })
  expect(notices).toEqual([])
})
