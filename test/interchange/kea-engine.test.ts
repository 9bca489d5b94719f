/** What PXE Lab does to a Kea's configuration: tested before it is set, only over what it was made from, and taken out whole. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { labSchema, type LabInput } from '#shared/lab/lab.ts'
import { bootClassesFor, whatHidesClasses } from '#shared/kea/boot-classes.ts'
import { changesBetween, hasOurs, withOurs, withoutOurs } from '#shared/kea/configuration.ts'
import {
  commandText,
  converse,
  KeaProblem,
  objectsIn,
  readReply,
  type JsonObject,
  type KeaCommand,
  type KeaReply,
} from '#shared/kea/control.ts'
import { applyClasses, lookAtKea, planFor, readLeases, removeClasses } from '#shared/kea/dialogues.ts'
import { freeLease, restoreLease } from '#shared/kea/freeing.ts'
import { parseIpv4 } from '#shared/wire/bytes.ts'
import { KeaModel } from '../helpers/kea-model.ts'

const engine = { kea: { servers: [{ socket: '/run/kea/kea4-ctrl-socket' }] } }
const programs: NonNullable<LabInput['boot']>['programs'] = [
  { userClass: 'iPXE', file: 'http://192.168.77.1/menu.ipxe' },
  { architecture: 'x64-uefi', subnet: '192.168.78.0/24', file: 'other.efi' },
  { architecture: 'x64-uefi', file: 'ipxe.efi' },
  { architecture: 'bios', file: 'undionly.kpxe' },
]
const labOf = (more: Partial<LabInput> = {}) => ({
  lab: labSchema.parse({ interface: 'eth0', mode: 'boot-server', engine, boot: { programs }, ...more }),
  addresses: [parseIpv4('192.168.77.1')!],
})

const theirs: JsonObject = {
  'valid-lifetime': 4000,
  'client-classes': [{ name: 'phones', test: "substring(option[60].hex,0,5) == 'Cisco'", 'next-server': '10.0.0.9' }],
  subnet4: [
    { id: 1, subnet: '192.168.77.0/24', pools: [{ pool: '192.168.77.10 - 192.168.77.90' }], 'require-client-classes': ['phones'] }, // prettier-ignore
  ],
  'shared-networks': [{ name: 'floor', subnet4: [{ id: 2, subnet: '192.168.78.0/24' }] }],
}
const options = { save: true }
const names = (dhcp4: JsonObject): unknown[] => objectsIn(dhcp4['client-classes']).map(({ name }) => name)

describe('boot logic in Kea', () => {
  for (const [version, required, onlyRequired] of [
    ['2.2.0', 'require-client-classes', 'only-if-required'],
    ['3.0.1', 'evaluate-additional-classes', 'only-in-additional-list'],
  ] as const)
    test(`Kea ${version} gets its own spelling, ours before others, and the subnet's lists keep theirs`, async () => {
      const kea = new KeaModel(theirs, { version })
      const done = await converse(applyClasses(labOf(), options), kea.send)
      expect(done.isChanged).toBe(true)
      expect(names(kea.dhcp4).at(-1)).toBe('phones')
      expect(
        names(kea.dhcp4)
          .slice(0, -1)
          .every((one) => String(one).startsWith('pxe-lab-')),
      ).toBe(true)
      const [own] = objectsIn(kea.dhcp4['subnet4'])
      const shared = objectsIn(objectsIn(kea.dhcp4['shared-networks'])[0]!['subnet4'])[0]!
      expect(own!['require-client-classes']).toContain('phones')
      expect(own![required]).not.toEqual(['phones'])
      expect(shared[required]).toBeDefined()
      expect(JSON.stringify(kea.dhcp4['client-classes'])).toContain(onlyRequired)
      expect(kea.written).toEqual(kea.dhcp4)
      const index = (one: string): number => kea.asked.indexOf(one)
      expect(index('config-test')).toBeGreaterThan(0)
      expect(index('config-set')).toBeGreaterThan(index('config-test'))
    })

  test('applied twice it changes nothing, and undo gives back exactly what was there', async () => {
    const kea = new KeaModel(theirs)
    await converse(applyClasses(labOf(), options), kea.send)
    const sets = kea.asked.filter((one) => one === 'config-set').length
    const again = await converse(applyClasses(labOf(), options), kea.send)
    expect(again.isChanged).toBe(false)
    expect(kea.asked.filter((one) => one === 'config-set')).toHaveLength(sets)
    const undone = await converse(removeClasses(options), kea.send)
    expect(undone.isChanged).toBe(true)
    expect(kea.dhcp4).toEqual(theirs)
    expect((await converse(removeClasses(options), kea.send)).isChanged).toBe(false)
  })

  test('a program that changed is another class: what is in place is told from what is not', async () => {
    const kea = new KeaModel(theirs)
    await converse(applyClasses(labOf(), options), kea.send)
    const view = await converse(lookAtKea(), kea.send)
    expect(planFor(labOf(), view).isInPlace).toBe(true)
    const other = labOf({ boot: { programs: [{ architecture: 'bios', file: 'other.kpxe' }] } })
    expect(planFor(other, view).isInPlace).toBe(false)
    await converse(applyClasses(other, options), kea.send)
    expect(JSON.stringify(kea.dhcp4)).toContain('other.kpxe')
    expect(JSON.stringify(kea.dhcp4)).not.toContain('ipxe.efi')
  })

  for (const hasHash of [false, true])
    test(`what somebody else changes meanwhile stays, and is told (${hasHash ? 'by hash' : 'compared'})`, async () => {
      let isDone = false
      const kea = new KeaModel(theirs, {
        hasHash,
        before: (command, model) => {
          if (command !== 'config-test' || isDone) return
          isDone = true
          model.dhcp4 = { ...model.dhcp4, 'valid-lifetime': 9000 }
        },
      })
      const done = await converse(applyClasses(labOf(), options), kea.send)
      expect(done.overtakenBy).toEqual(['valid-lifetime: 9000, was 4000'])
      expect(kea.dhcp4['valid-lifetime']).toBe(9000)
      expect(kea.asked.filter((one) => one === 'config-set')).toHaveLength(1)
      await converse(removeClasses(options), kea.send)
      expect(kea.dhcp4).toEqual({ ...theirs, 'valid-lifetime': 9000 })
    })

  test('somebody who changes it all the time is told of, and nothing is set', async () => {
    let lifetime = 1
    const kea = new KeaModel(theirs, { before: (command, model) => void (command === 'config-test' && (model.dhcp4 = { ...model.dhcp4, 'valid-lifetime': lifetime++ })) }) // prettier-ignore
    await expect(converse(applyClasses(labOf(), options), kea.send)).rejects.toThrow(/somebody else changes/)
    expect(kea.asked).not.toContain('config-set')
  })

  test('what the test refuses is never set; what is refused after it leaves what was there', async () => {
    const untested = new KeaModel(theirs, { refuses: ({ command }) => (command === 'config-test' ? 'syntax error' : undefined) }) // prettier-ignore
    await expect(converse(applyClasses(labOf(), options), untested.send)).rejects.toThrow(/syntax error/)
    expect(untested.asked).not.toContain('config-set')
    let sets = 0
    const half = new KeaModel(theirs, {
      refuses: ({ command }, model) => {
        if (command !== 'config-set' || sets++ > 0) return undefined
        model.dhcp4 = {}
        return 'unable to open the lease database'
      },
    })
    await expect(converse(applyClasses(labOf(), options), half.send)).rejects.toThrow(/It has what it had before/)
    expect(half.dhcp4).toEqual(theirs)
  })

  test('without a place for the old configuration nothing is changed; a file that cannot be written is told', async () => {
    const kea = new KeaModel(theirs)
    const send = (command: KeaCommand): Promise<KeaReply> => (command.keeps ? Promise.reject(new KeaProblem('the disk is full', '')) : kea.send(command)) // prettier-ignore
    await expect(converse(applyClasses(labOf(), options), send)).rejects.toThrow(/disk is full/)
    expect(kea.dhcp4).toEqual(theirs)
    const readOnly = new KeaModel(theirs, { refuses: ({ command }) => (command === 'config-write' ? 'Unable to open file' : undefined) }) // prettier-ignore
    const done = await converse(applyClasses(labOf(), options), readOnly.send)
    expect(done.unsaved?.message).toMatch(/config-write: Unable to open file/)
    expect(hasOurs(readOnly.dhcp4)).toBe(true)
  })

  test('a class with our name that is not ours is neither replaced nor removed', async () => {
    const own = bootClassesFor(labOf(), theirs, '2.2.0').classes[0]!.value.name
    const taken = { ...theirs, 'client-classes': [{ name: own, test: "member('ALL')" }] }
    const kea = new KeaModel(taken)
    await expect(converse(applyClasses(labOf(), options), kea.send)).rejects.toThrow(/that PXE Lab did not make/)
    await converse(removeClasses(options), kea.send)
    expect(kea.dhcp4).toEqual(taken)
  })

  test('only machines that boot, and that the lab answers, get anything of ours', () => {
    const { classes } = bootClassesFor(labOf({ role: 'wds', clients: { deny: ['52:54:00'] } }), theirs, '2.2.0')
    const asks = classes.find(({ value }) => value.name === 'pxe-lab-ask-port-4011')!
    expect(asks.value['test']).toContain("'PXEClient'")
    expect(asks.value['test']).toContain('not (substring(pkt4.mac,0,3) == 0x525400)')
    expect(classes.map(({ value }) => value.name)).not.toContain('DROP')
    expect(bootClassesFor(labOf({ mode: 'proxy-dhcp' }), theirs, '2.2.0').classes).toEqual([])
  })

  test('what stands over classes is told', () => {
    const hiding = {
      ...theirs,
      subnet4: [{ id: 1, subnet: '192.168.77.0/24', 'option-data': [{ name: 'boot-file-name', data: 'x' }], reservations: [{ 'hw-address': '52:54:00:00:00:01', 'boot-file-name': 'y' }] }], // prettier-ignore
    }
    expect(whatHidesClasses(hiding)).toEqual([
      "subnet 192.168.77.0/24 sets option 67 (boot-file-name), which hides PXE Lab's",
      'the reservation for 52:54:00:00:00:01 in subnet 192.168.77.0/24 has a boot-file-name of its own',
    ])
    expect(whatHidesClasses(theirs)).toEqual([])
  })

  test('in and out again is nothing, whatever a configuration has', () => {
    const name = fc.constantFrom('a', 'pxe-lab-x', 'phones')
    const subnet = fc.record(
      { subnet: fc.constantFrom('10.0.0.0/8', '192.168.77.0/24', 'x'), id: fc.nat(), 'require-client-classes': fc.array(name), 'evaluate-additional-classes': fc.array(name) }, // prettier-ignore
      { requiredKeys: ['subnet'] },
    )
    const configuration = fc.record(
      {
        'client-classes': fc.array(fc.record({ name, test: fc.string() })),
        subnet4: fc.array(subnet, { maxLength: 3 }),
        'shared-networks': fc.array(fc.record({ name, subnet4: fc.array(subnet, { maxLength: 2 }) }), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(configuration, fc.constantFrom('2.2.0', '2.6.1', '3.0.0'), (generated, version) => {
        const dhcp4 = generated as unknown as JsonObject
        const made = bootClassesFor(labOf(), dhcp4, version)
        const back = withoutOurs(withOurs(dhcp4, made, version.startsWith('3') ? '3.0' : '2.2'))
        // A list that is empty and one that is not there say the same.
        expect(changesBetween(withEmpty(dhcp4), withEmpty(back))).toEqual([])
      }),
    )
  })
})

const withEmpty = (dhcp4: JsonObject): JsonObject =>
  JSON.parse(JSON.stringify(dhcp4, (_, value: unknown) => (Array.isArray(value) && value.length === 0 ? undefined : value))) as JsonObject // prettier-ignore

describe('the control channel', () => {
  test('a control agent is told the service; a reply stands alone or in a list', () => {
    expect(JSON.parse(commandText({ command: 'config-get' }, 'dhcp4'))).toEqual({ command: 'config-get', service: ['dhcp4'] }) // prettier-ignore
    expect(JSON.parse(commandText({ command: 'config-get' }))).toEqual({ command: 'config-get' })
    expect(readReply('[{ "result": 0, "text": "2.2.0" }]').text).toBe('2.2.0')
    expect(readReply('{ "result": 3 }').result).toBe(3)
  })

  test('what is no Kea is told as such', () => {
    for (const text of ['', '<html>', '{}', '[]', '[[]]', 'null', '{"result":"0"}'])
      expect(() => readReply(text), text).toThrow(/no Kea/)
  })

  test('no password is told of a change', () => {
    const told = changesBetween({ db: { password: 'one', user: 'kea', name: 'a' } }, { db: { password: 'two', user: 'you', name: 'b' } }) // prettier-ignore
    expect(told).toEqual(['db.password was changed', 'db.user was changed', 'db.name: "b", was "a"'])
  })

  test('leases come in pages, each after the last address; without the hook none are known', async () => {
    const asked: unknown[] = []
    const all = Array.from({ length: 2500 }, (_, at) => ({ 'ip-address': `10.0.${at >> 8}.${at & 255}`, 'hw-address': '52:54:00:00:00:01', hostname: 'a.', cltt: 100, 'valid-lft': at === 0 ? 0xffffffff : 50, state: at === 1 ? 1 : 0 })) // prettier-ignore
    const answer = await converse(readLeases(10_000, 120_000), ({ arguments: values }) => {
      asked.push(values!['from'])
      const start = values!['from'] === 'start' ? 0 : all.findIndex((one) => one['ip-address'] === values!['from']) + 1
      const leases = all.slice(start, start + 1000)
      return Promise.resolve({ result: leases.length === 0 ? 3 : 0, text: '', arguments: { leases } })
    })
    expect(asked).toEqual(['start', '10.0.3.231', '10.0.7.207'])
    expect(answer?.leases).toHaveLength(2500)
    expect(answer?.leases.slice(0, 3)).toMatchObject([
      { hostName: 'a', state: 'bound', until: Infinity },
      { state: 'declined' },
      { state: 'bound', since: 100_000, until: 150_000 },
    ])
    expect(await converse(readLeases(10, 0), () => Promise.resolve({ result: 2, text: '', arguments: null }))).toBeUndefined() // prettier-ignore
  })
})

describe('a lease that is freed', () => {
  const now = 1_790_000_000_000
  const lease: JsonObject = { 'ip-address': '10.77.1.5', 'hw-address': '52:54:00:77:00:01', 'client-id': '01:52:54:00:77:00:01', 'subnet-id': 3, cltt: now / 1000 - 60, 'valid-lft': 3600, 'fqdn-fwd': false, 'fqdn-rev': false, hostname: 'pc1.example.', state: 0 } // prettier-ignore
  /** A Kea of which only the leases are there. */
  const keaWith = (leases: JsonObject[], hasHook = true) => {
    const asked: KeaCommand[] = []
    const reply = (result: number, value: JsonObject | null = null): KeaReply => ({
      result,
      text: '',
      arguments: value,
    })
    const send = (command: KeaCommand): Promise<KeaReply> => {
      asked.push(command)
      const given = command.arguments ?? {}
      const at = leases.findIndex((one) => one['ip-address'] === given['ip-address'])
      const byMac = leases.filter((one) => one['hw-address'] === given['hw-address'])
      if (!hasHook) return Promise.resolve(reply(2))
      switch (command.command) {
        case 'lease4-get':
          return Promise.resolve(at < 0 ? reply(3) : reply(0, leases[at]))
        case 'lease4-del':
          if (at >= 0) leases.splice(at, 1)
          return Promise.resolve(reply(at < 0 ? 3 : 0))
        case 'lease4-get-by-hw-address':
          return Promise.resolve(byMac.length === 0 ? reply(3, { leases: [] }) : reply(0, { leases: byMac }))
        case 'lease4-add':
          leases.push(given)
          return Promise.resolve(reply(0))
        default:
          throw new Error(command.command)
      }
    }
    return { asked, send }
  }

  test('is gone, and given back with all that Kea had of it and its end', async () => {
    const leases = [lease]
    const kea = keaWith(leases)
    const taken = await converse(freeLease('10.77.1.5'), kea.send)
    expect([taken, leases]).toEqual([lease, []])
    expect(await converse(freeLease('10.77.1.5'), kea.send)).toBeUndefined()
    await converse(restoreLease(taken!, now), kea.send)
    const { cltt, ...rest } = lease
    expect(leases).toEqual([{ ...rest, expire: Number(cltt) + 3600 }])
  })

  test.each([
    ['it has ended', [], now + 3_600_000, /it has ended meanwhile/],
    ['its address is another machine\'s', [{ ...lease, 'hw-address': '52:54:00:77:00:02' }], now, /given the address to a machine since/],
    ['its machine has another address', [{ ...lease, 'ip-address': '10.77.1.6' }], now, /its machine has 10\.77\.1\.6 by now/],
  ] as const)('is not given back where %s', async (_, leases, time, told) => {
    const kea = keaWith([...leases])
    await expect(converse(restoreLease(lease, time), kea.send)).rejects.toThrow(told)
    expect(kea.asked.map(({ command }) => command)).not.toContain('lease4-add')
  }) // prettier-ignore

  test('needs the hook, which is said', async () => {
    await expect(converse(freeLease('10.77.1.5'), keaWith([], false).send)).rejects.toThrow(/cannot free leases/)
  })
})
