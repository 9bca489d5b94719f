/** A site file changed at one place, and filled from the facts of a server. */
import { inEnglish } from '#messages/text.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changesBetween } from '#shared/planner/changes.ts'
import { fillFrom, serverFrom } from '#shared/planner/from-facts.ts'
import { dpKey, wdsKey } from '#shared/lab/registry-keys.ts'
import { plan } from '#shared/planner/plan.ts'
import { nameOf, siteFileSchema } from '#shared/planner/site.ts'
import { readSite, statedWith, withValue } from '#shared/planner/site-text.ts'
import { windowsServer } from '../helpers/windows-server.ts'

const valueOf = (of: string): unknown => readSite(of).stated
const text = `# Ours.
sites:
  - { code: P01, version: '2403' } # the only one
servers:
  - name: a
    wds: none # for now
`

test.each([
  [[], ''],
  [['servers'], 'servers'],
  [['servers', 0, 'wds', 'dns'], 'servers[0].wds.dns'],
  [['a', 'b', 1, 2], 'a.b[1][2]'],
])('the name of %j is %s', (path, name) => expect(nameOf(path)).toBe(name))

describe('one value', () => {
  test('is changed where it is; comments and order stay', () => {
    expect(withValue(text, ['sites', 0, 'version'], '2409')).toBe(
      text.replace('2403', '2409').replace("'2409'", '"2409"'),
    )
    expect(withValue(text, ['servers', 0, 'wds'], { dns: true })).toContain('# Ours.')
  })

  test('is made with what it stands in', () => {
    expect(valueOf(withValue('', ['servers', 0, 'wds', 'dns'], true))).toEqual({ servers: [{ wds: { dns: true } }] })
    expect(valueOf(withValue(text, ['wants', 'pxe'], true))).toMatchObject({
      wants: { pxe: true },
      sites: [{ code: 'P01' }],
    })
    expect(valueOf(withValue(text, ['servers', 0, 'wds', 'dns'], false))).toMatchObject({
      servers: [{ name: 'a', wds: { dns: false } }],
    })
    expect(valueOf(withValue(text, ['servers', 1], { name: 'b' }))).toMatchObject({
      servers: [{ name: 'a' }, { name: 'b' }],
    })
  })

  test('is taken away, with a list of which nothing is left', () => {
    expect(valueOf(withValue(text, ['servers', 0], undefined))).toEqual({ sites: [{ code: 'P01', version: '2403' }] })
    expect(withValue('name: x\n', ['name'], undefined)).toBe('')
    expect(withValue(text, ['no', 'such'], undefined)).toContain('P01')
  })

  test('what is written elsewhere is copied, and the other stays', () => {
    const shared = 'servers:\n  - &one { name: a, iis: true }\n  - *one\n'
    expect(valueOf(withValue(shared, ['servers', 1, 'iis'], false))).toEqual({ servers: [{ name: 'a', iis: true }, { name: 'a', iis: false }] }) // prettier-ignore
  })

  test('comments stay where nothing else is left', () => {
    expect(withValue('# Ours.\n\nname: x\n', ['name'], undefined)).toBe('# Ours.\n')
  })

  test('a version stays text, and what is no YAML stays as it is', () => {
    expect(withValue('', ['sites', 0], { code: 'P01', version: '2403' })).toContain('version: "2403"')
    expect(withValue('a: [', ['b'], 1)).toBe('a: [')
    expect(valueOf('a: [')).toBeUndefined()
  })

  test('what is written is read again, and nothing else has changed', () => {
    const key = fc.constantFrom('name', 'wants', 'sites', 'x y', '0')
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(key, { minLength: 1, maxLength: 3 }), fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))), { maxLength: 6 }), (edits) => {
        let now = ''
        const model: Record<string, unknown> = {}
        for (const [path, value] of edits) {
          now = withValue(now, path, value)
          let at = model
          for (const one of path.slice(0, -1)) {
            if (typeof at[one] !== 'object' || at[one] === null) at[one] = {}
            at = at[one] as Record<string, unknown>
          }
          at[path.at(-1)!] = value
        }
        expect(valueOf(now)).toEqual(model)
      }),
    ) // prettier-ignore
  })

  test('what a form says at once is what the text says once it is written', () => {
    const key = fc.constantFrom<string | number>('name', 'sites', 'servers', 'wds')
    const value = fc.oneof(
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.constant(undefined),
      fc.constant({}),
      fc.constant([]),
    )
    // A list gets its next entry, or loses or changes one that it has.
    const path = fc.oneof(
      fc.array(key, { minLength: 1, maxLength: 3 }),
      fc.tuple(key, fc.nat(2)),
      fc.tuple(key, fc.nat(2), key),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(path, value), { maxLength: 8 }), (edits) => {
        let text = 'servers: [{ name: a }, { name: b, wds: &w { dns: true } }]\nsites: [{ wds: *w }]\n'
        let stated = valueOf(text)
        for (const [at, one] of edits) {
          const inner = (length: number): unknown => at.slice(0, length).reduce<unknown>((outer, name) => (outer as Record<string, unknown> | null | undefined)?.[name], stated)
          const isNone = at.some((name, place) => {
            const outer = inner(place)
            return typeof name === 'number' ? name > (Array.isArray(outer) ? outer.length : 0) : Array.isArray(outer)
          })
          if (isNone) continue
          text = withValue(text, at, one)
          stated = statedWith(stated, at, one)
          expect(stated).toEqual(valueOf(text))
        }
      }),
    ) // prettier-ignore
  })
})

describe('the facts of a server', () => {
  const facts = windowsServer({
    services: { DHCPServer: 'running', WDSServer: 'running' },
    registry: { [wdsKey]: { UseDHCPPorts: 0 } },
    options: ['set optionvalue 60 STRING "PXEClient"'],
    firewall: ['v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=67|Name=dhcp|', 'v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=69|Name=tftp|'],
  }) // prettier-ignore
  const server = serverFrom(facts)

  test('become a server of the file, and what they do not tell is not stated', () => {
    expect(server).toEqual({
      name: 'SRV1',
      ports: [67, 69],
      domain: expect.stringMatching(/^(member|none)$/),
      wds: { useDhcpPorts: 0, dns: expect.any(Boolean), enabled: true },
      dhcp: { activeScope: true, option60: true, enabled: true },
    })
    expect(siteFileSchema.parse({ servers: [server] })).toEqual({ servers: [server] })
  })

  test('fill what the file leaves open, and change nothing that it says', () => {
    const { site } = readSite(
      'servers: [{ name: other }, { name: srv1.corp.example, ports: [69, 67], wds: { useDhcpPorts: 1, byAdministrator: true }, dhcp: none }]',
    )
    const { fill, differing } = fillFrom(site!, server)
    expect(fill.map((one) => one.path.join('.'))).toEqual([
      'servers.1.domain',
      'servers.1.wds.dns',
      'servers.1.wds.enabled',
    ])
    expect(differing).toEqual([
      { path: ['servers', 1, 'wds', 'useDhcpPorts'], stated: 1, found: 0 },
      { path: ['servers', 1, 'dhcp'], stated: 'none', found: { activeScope: true, option60: true, enabled: true } },
    ])
  })

  test('a server that the file does not have is added; a rule that they decide is decided', () => {
    const { fill } = fillFrom({}, server)
    const text = fill.reduce((now, { path, value }) => withValue(now, path, value), 'wants: { pxe: true }\n')
    const judged = plan(readSite(text).site!).rules
    expect(judged.find((one) => one.id === 'OSD-COHOST-01')).toMatchObject({ state: 'met' })
    expect(judged.find((one) => one.id === 'OSD-PORT-01')).toMatchObject({ state: 'violated' })
  })

  test.each([
    [{ DHCPServer: 'running', SccmPxe: 'running' }, { DoNotListenOnDhcpPort: 1 }, { pxe: { provider: 'responder' }, doNotListenOnDhcpPort: 1 }],
    [{ DHCPServer: 'running', SccmPxe: 'running' }, { DoNotListenOnDhcpPort: 0 }, { pxe: { provider: 'responder' }, doNotListenOnDhcpPort: 0 }],
    [{ DHCPServer: 'running', SccmPxe: 'running' }, {}, { pxe: { provider: 'responder' }, doNotListenOnDhcpPort: null }],
    [{ DHCPServer: 'running' }, { DoNotListenOnDhcpPort: 1 }, {}],
  ] as const)('the responder of Configuration Manager: %o, %o', (services, values, expected) => {
    const { pxe, doNotListenOnDhcpPort } = serverFrom(windowsServer({ services, registry: { [dpKey]: values } }))
    expect({ ...(pxe && { pxe }), ...(doNotListenOnDhcpPort !== undefined && { doNotListenOnDhcpPort }) }).toEqual(expected)
  }) // prettier-ignore

  test('without services nothing is known of WDS and DHCP', () => {
    expect(serverFrom({ ...facts, services: undefined })).not.toHaveProperty('wds')
    expect(serverFrom(windowsServer({}))).toMatchObject({ wds: 'none', dhcp: 'none' })
  })
})

test('what became of the rules', () => {
  const before = readSite(
    'wants: { pxe: true }\nservers: [{ name: a, wds: { useDhcpPorts: 1 }, dhcp: { option60: true } }]',
  ).site!
  const after = readSite(
    'wants: { pxe: true }\nservers: [{ name: a, wds: { useDhcpPorts: 0 }, dhcp: { option60: true } }]',
  ).site!
  expect(changesBetween(plan(before), plan(after)).map(({ id, from, to }) => [id, from, to])).toEqual([
    ['OSD-COHOST-01', 'violated', 'met'],
    ['OSD-COHOST-02', 'violated', 'met'],
  ])
  expect(changesBetween(plan(after), plan(after))).toEqual([])
})

describe('what cannot be so', () => {
  const told = (text: string): string[] =>
    readSite(text).problems.map((one) => `${one.field} ${inEnglish(one.message)}`)

  test.each([
    ['sites: [{ code: P01 }, { code: P01 }]', 'sites[1].code stands twice in this list'],
    ['servers: [{ name: a }, { name: b }, { name: a }]', 'servers[2].name stands twice in this list'],
    ['collections: [{ name: c }, { name: c }]', 'collections[1].name stands twice in this list'],
    ['sites: [{ code: P01, parent: P01 }]', 'sites[0].parent is below this site itself'],
    ['sites: [{ code: C01, role: central }, { code: C02, role: central }]', 'sites[1].role is a second central administration site'],
    ['sites: [{ code: C01, role: central, parent: P01 }, { code: P01 }]', 'sites[0].parent is above a central administration site'],
    ['sites: [{ code: C01, role: central }, { code: S01, role: secondary, parent: C01 }]', 'sites[1].parent is a central site, and none that is secondary is below it'],
    ['sites: [{ code: S01, role: secondary }, { code: X01, parent: S01 }]', 'sites[1].parent is a secondary site, and none is below it'],
    ['sites: [{ code: P01, version: 2413 }]', 'sites[0].version is no version such as 2403, 2012 R2 or 5.00.9128.1000'],
    ['sites: [{ code: P01 }]\n---\nsites: []', 'the file begins a second document'],
    ['usmtPackage: maybe', 'usmtPackage is not true or false'],
  ])('%s', (text, problem) => {
    expect(told(text)).toEqual([problem])
  }) // prettier-ignore

  test('a circle of sites is told at each of them, and not at what is below it', () => {
    expect(told('sites: [{ code: P01, parent: P02 }, { code: P02, parent: P01 }, { code: P03, parent: P01 }]')).toEqual(['sites[0].parent is below this site itself', 'sites[1].parent is below this site itself']) // prettier-ignore
  })

  test('a hierarchy as it may be', () => {
    expect(told('sites: [{ code: C01, role: central, version: 2509 }, { code: P01, role: primary, parent: C01, version: 5.00.9128.1000 }, { code: S01, role: secondary, parent: P01 }, { code: P02, parent: C01, version: 1511 }, { code: S02, parent: P02, version: 2012 R2 SP1 }]')).toEqual([]) // prettier-ignore
  })

  test('what may stand there is told', () => {
    const remedies = (text: string): string[] => readSite(text).problems.map((one) => inEnglish(one.remedy))
    expect(remedies('servers: [{ name: a, pxe: None }]')).toEqual(['Write none, or a map of provider, multicast, option82.']) // prettier-ignore
    expect(remedies('servers: [{ name: a, pxe: { Provider: wds } }]')).toEqual(['Did you mean provider?'])
    expect(remedies('usmtPackage: "true"')).toEqual(['Write true or false: the default USMT package is there.'])
  })
})
