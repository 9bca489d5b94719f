/** Readers of what other programs write: firewalls, neighbours, signatures, boot configuration; and the history of checks. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { diagnose } from '#shared/diagnosis/doctor.ts'
import { changedLines, withCheck } from '#shared/diagnosis/history.ts'
import type { PastCheck } from '#shared/lab/facts.ts'
import { wdsKey } from '#shared/lab/registry-keys.ts'
import { readBootConfiguration } from '#shared/wire/boot-configuration.ts'
import { factsSchema } from '#shared/lab/facts.ts'
import { ownWays, passageOf } from '#shared/lab/firewall.ts'
import { readHive } from '#shared/wire/registry-hive.ts'
import { ingressDevices, parseNft } from '../../src/main/inspect/nft.ts'
import { parseArpTable } from '../../src/main/probe/neighbours.ts'
import { windowsServer } from '../helpers/windows-server.ts'
import { spoken } from '../helpers/spoken.ts'

const chain = (name: string, more: object = {}) => ({
  chain: { family: 'inet', table: 'filter', name, handle: 1, ...more },
})
const rule = (name: string, handle: number, expr: readonly object[], more: object = {}) => ({
  rule: { family: 'inet', table: 'filter', chain: name, handle, expr, ...more },
})
const port = (right: unknown) => ({
  match: { op: '==', left: { payload: { protocol: 'udp', field: 'dport' } }, right },
})
const input = { hook: 'input', type: 'filter', prio: 0 }
const nft = (...items: readonly object[]) => parseNft(JSON.stringify({ nftables: [{ metainfo: {} }, ...items] }))

describe('rules of nftables that send UDP elsewhere', () => {
  const nat = { chain: { family: 'ip', table: 'nat', name: 'PREROUTING', type: 'nat', hook: 'prerouting', policy: 'accept' } }
  const docker = { chain: { family: 'ip', table: 'nat', name: 'DOCKER' } }
  const rule = (chain: string, handle: number, expr: readonly object[], comment?: string) => ({ rule: { family: 'ip', table: 'nat', chain, handle, expr, ...(comment ? { comment } : {}) } })
  const match = (left: object, right: unknown, op = '==') => ({ match: { op, left, right } })
  const port = (right: unknown) => match({ payload: { protocol: 'udp', field: 'dport' } }, right)
  const away = { dnat: { addr: '172.17.0.2', port: 6969 } }
  const found = (...rules: readonly object[]) => nft(nat, docker, ...rules)!.redirects

  test('dnat, redirect and tproxy, with ports and interfaces', () => {
    expect(found(rule('PREROUTING', 4, [port(69), { counter: null }, away], 'lab'))).toEqual([{ name: 'lab', ports: [[69, 69]], to: '172.17.0.2:6969' }])
    expect(found(rule('PREROUTING', 4, [match({ meta: { key: 'iifname' } }, 'eth0'), port({ set: [67, { range: [69, 70] }] }), { redirect: { port: 6767 } }]))).toEqual([
      { name: 'handle 4 of ip nat PREROUTING', ports: [[67, 67], [69, 70]], to: ':6767', interfaces: ['eth0'] },
    ])
    expect(found(rule('PREROUTING', 4, [{ redirect: null }]))).toEqual([{ name: 'handle 4 of ip nat PREROUTING', ports: [[0, 65_535]], to: '' }])
    expect(nft({ chain: { ...nat.chain, type: 'filter' } }, rule('PREROUTING', 4, [port(69), { tproxy: { port: 1069 } }]))!.redirects).toMatchObject([{ to: ':1069' }])
    // Nothing of it keeps anything out.
    expect(nft(nat, rule('PREROUTING', 4, [port(69), away]))).toMatchObject({ isOn: false, rules: [] })
  })

  test('a port of a container as Docker publishes it, and as iptables writes it', () => {
    const jump = rule('PREROUTING', 3, [match({ fib: { result: 'type', flags: ['daddr'] } }, 'local'), { jump: { target: 'DOCKER' } }])
    expect(found(jump, rule('DOCKER', 5, [match({ meta: { key: 'iifname' } }, 'docker0', '!='), port(69), { counter: { packets: 0, bytes: 0 } }, away]))).toEqual([
      { name: 'handle 5 of ip nat DOCKER', ports: [[69, 69]], to: '172.17.0.2:6969', except: ['docker0'], isUnicast: true },
    ])
    const addrtype = rule('PREROUTING', 3, [{ xt: { type: 'match', name: 'addrtype' } }, { jump: { target: 'DOCKER' } }])
    expect(found(addrtype, rule('DOCKER', 5, [port(69), { xt: { type: 'target', name: 'DNAT' } }]))).toEqual([
      { name: 'handle 5 of ip nat DOCKER', ports: [[69, 69]], to: '', isBound: true },
    ])
    expect(found(rule('PREROUTING', 3, [port(69), { xt: { type: 'target', name: 'DNAT' } }]))).toMatchObject([{ to: '', ports: [[69, 69]] }])
  })

  test('what is TCP, was let by or redirected before, or is on its way out is none', () => {
    expect(found(rule('PREROUTING', 4, [match({ payload: { protocol: 'tcp', field: 'dport' } }, 69), away]))).toEqual([])
    expect(found(rule('PREROUTING', 4, [port({ set: [69, 4011] }), { accept: null }]), rule('PREROUTING', 5, [port({ range: [67, 69] }), away]))).toMatchObject([{ ports: [[67, 68]] }])
    expect(found(rule('PREROUTING', 4, [port(69), away], 'first'), rule('PREROUTING', 5, [port(69), { redirect: { port: 7 } }], 'second'))).toMatchObject([{ name: 'first' }])
    expect(nft({ chain: { ...nat.chain, name: 'OUTPUT', hook: 'output' } }, rule('OUTPUT', 4, [port(69), away]))!.redirects).toEqual([])
    // Of some senders alone, one way or the other.
    const some = match({ payload: { protocol: 'ip', field: 'saddr' } }, '10.0.0.9')
    expect(found(rule('PREROUTING', 4, [some, port(69), away]))).toMatchObject([{ isBound: true }])
    expect(found(rule('PREROUTING', 4, [some, port(69), { accept: null }]), rule('PREROUTING', 5, [port(69), away]))).toMatchObject([{ isBound: true }])
  })
}) // prettier-ignore

describe('rulesets of nftables', () => {
  test('several chains of the hook: what each that closes lets in gets in, and nothing else', () => {
    const other = (name: string, policy: string) => ({ chain: { family: 'inet', table: 'guard', name, handle: 1, hook: 'input', policy } }) // prettier-ignore
    const guard = (handle: number, expr: readonly object[]) => ({ rule: { family: 'inet', table: 'guard', chain: 'input', handle, expr } }) // prettier-ignore
    const udp = (right: unknown) => ({ match: { op: '==', left: { payload: { protocol: 'udp', field: 'dport' } }, right } }) // prettier-ignore
    const first = [chain('input', { ...input, policy: 'drop' }), rule('input', 3, [udp({ set: [67, 69] }), { accept: null }])] // prettier-ignore
    const ports = (...items: readonly object[]) => nft(...first, ...items)!.rules.map((one) => [one.action, one.ports, one.isBound ?? false]) // prettier-ignore
    expect(ports(other('input', 'drop'))).toEqual([])
    expect(ports(other('input', 'accept'))).toEqual([['allow', [[67, 67], [69, 69]], false]])
    // In one that lets all else in as well, a rule opens nothing of the other.
    expect(ports(other('input', 'accept'), guard(4, [udp(4011), { accept: null }]))).toEqual([['allow', [[67, 67], [69, 69]], false]])
    expect(ports(other('input', 'accept'), guard(4, [udp(69), { drop: null }]))).toContainEqual(['block', [[69, 69]], false])
    const both = ports(other('input', 'drop'), guard(4, [udp({ range: [68, 70] }), { accept: null }]))
    expect(both.map(([, list]) => list)).toEqual([[[69, 69]], [[69, 69]]])
    expect(ports(other('input', 'drop'), guard(4, [{ accept: null }]))).toEqual([['allow', [[67, 67], [69, 69]], false], ['allow', [[67, 67], [69, 69]], false]])
    const answers = [{ match: { op: 'in', left: { ct: { key: 'state' } }, right: ['established'] } }, { accept: null }]
    expect(nft(...first, rule('input', 2, answers), other('input', 'drop'))!.letsAnswersIn).toBe(false)
    expect(nft(...first, rule('input', 2, answers), other('input', 'drop'), guard(2, answers))!.letsAnswersIn).toBe(true)
  }) // prettier-ignore

  test('single ports, ranges and sets, in the chain and in those it jumps to', () => {
    const told = nft(
      chain('input', { ...input, policy: 'drop' }),
      chain('boot'),
      chain('elsewhere'),
      rule('input', 3, [
        { match: { op: 'in', left: { ct: { key: 'state' } }, right: ['established'] } },
        { accept: null },
      ]),
      rule('input', 4, [port(67), { accept: null }]),
      rule('input', 5, [{ jump: { target: 'boot' } }]),
      rule('boot', 6, [port({ set: [69, { range: [4011, 4012] }] }), { counter: { packets: 0 } }, { accept: null }], {
        comment: 'boot',
      }),
      rule('elsewhere', 7, [port(1), { accept: null }]),
    )!
    expect(told.inputChains).toMatchObject([{ path: 'inet filter input', drops: true }])
    expect(told.rules).toEqual([
      { name: 'handle 4', action: 'allow', protocol: 'udp', ports: [[67, 67]], program: '' },
      { name: 'boot', action: 'allow', protocol: 'udp', ports: [[69, 69], [4011, 4012]], program: '' }, // prettier-ignore
    ])
    expect(told.ours('boot', 'inet filter boot')).toBe('6')
    expect(told.ours('boot', 'inet filter input')).toBeUndefined()
  })

  test('a last rule that drops everything closes a chain as its policy would; a chain that accepts is open', () => {
    const dropping = [chain('input', { ...input, policy: 'accept' }), rule('input', 2, [{ drop: null }])]
    expect(nft(...dropping)).toMatchObject({ inputChains: [{ drops: true }], rules: [] })
    expect(nft(chain('input', { ...input, policy: 'accept' }))).toMatchObject({ inputChains: [{ drops: false }] })
    expect(nft(chain('forward', { hook: 'forward' }))).toMatchObject({ inputChains: [] })
  })

  test('what lets in some of what asks is bound to them; loopback, answers and other protocols let in nobody', () => {
    const meta = (key: string, right: unknown) => ({ match: { op: '==', left: { meta: { key } }, right } })
    const rules = (...expr: readonly object[]) =>
      nft(chain('input', { ...input, policy: 'drop' }), rule('input', 3, expr))!.rules.map((one) => one.isBound)
    const state = { ct: { key: 'state' } }
    expect(rules(port('@boot'), { accept: null })).toEqual([true])
    expect(rules({ vmap: { key: { meta: { key: 'iifname' } }, data: { set: [['eth1', { jump: { target: 'a' } }]] } } })).toEqual([true]) // prettier-ignore
    for (const expr of [
      [meta('iif', 'lo'), { accept: null }],
      [meta('l4proto', 'ipv6-icmp'), { accept: null }],
      [
        { match: { op: '==', left: { payload: { protocol: 'ip6', field: 'nexthdr' } }, right: 'ipv6-icmp' } },
        { accept: null },
      ],
      [{ match: { op: '==', left: { payload: { protocol: 'tcp', field: 'dport' } }, right: 22 } }, { accept: null }],
      [{ match: { op: 'in', left: state, right: ['established', 'related'] } }, { accept: null }],
      [{ vmap: { key: state, data: { set: [['established', { accept: null }]] } } }],
    ])
      // prettier-ignore
      expect(rules(...expr), JSON.stringify(expr)).toEqual([])
  })

  test('what is about some network interfaces says which, and what names none of them is bound', () => {
    const meta = (key: string, right: unknown, op = '==') => ({ match: { op, left: { meta: { key } }, right } })
    const told = (...expr: readonly object[]) =>
      nft(chain('input', { ...input, policy: 'drop' }), rule('input', 3, expr))!.rules.map(({ action, ports, interfaces, isBound }) => [action, ports, interfaces, isBound]) // prettier-ignore
    expect(told(meta('iifname', 'eth1'), { accept: null })).toEqual([['allow', [], ['eth1'], undefined]])
    expect(told(meta('iifname', { set: ['eth0', 'eth1'] }), port(69), { accept: null })).toEqual([['allow', [[69, 69]], ['eth0', 'eth1'], undefined]]) // prettier-ignore
    expect(told(meta('iifname', 'eth*'), { accept: null })).toEqual([['allow', [], undefined, true]])
    expect(told(meta('iifname', 'lo', '!='), port(69), { accept: null })).toEqual([['allow', [[69, 69]], undefined, undefined]]) // prettier-ignore
    expect(told(meta('iifname', 'eth1'), port(69), { drop: null })).toEqual([['block', [[69, 69]], ['eth1'], undefined]]) // prettier-ignore
    expect(told({ match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: '10.0.0.1' } }, port(69), { drop: null })).toEqual([]) // prettier-ignore
  })

  test('conditions of a jump hold for what it leads to; what is let in before is not blocked after, and what follows a drop is never reached', () => {
    const meta = (key: string, right: unknown) => ({ match: { op: '==', left: { meta: { key } }, right } })
    const told = (...items: readonly object[]) =>
      nft(chain('input', { ...input, policy: 'accept' }), chain('boot'), ...items)!.rules.map(({ action, ports, interfaces, isBound }) => [action, ports, interfaces, isBound]) // prettier-ignore
    const jump = (...expr: readonly object[]) => rule('input', 3, [...expr, { jump: { target: 'boot' } }])
    const state = { match: { op: '==', left: { ct: { key: 'state' } }, right: 'new' } }
    const letIn = rule('boot', 4, [port(69), { accept: null }])
    const allowed = ['allow', [[69, 69]], undefined, undefined]
    expect(told(jump(meta('l4proto', 'udp'), state), letIn)).toEqual([allowed])
    expect(told(jump(meta('iifname', 'eth1')), letIn)).toEqual([['allow', [[69, 69]], ['eth1'], undefined]])
    expect(told(jump(meta('l4proto', 'tcp')), letIn)).toEqual([])
    expect(told(jump(meta('iifname', 'eth1')), rule('boot', 4, [port(69), { drop: null }]))).toEqual([['block', [[69, 69]], ['eth1'], undefined], ['allow', [], undefined, undefined]]) // prettier-ignore
    // Of what the jump lets in, nothing is left for the rule behind it.
    expect(told(jump(), letIn, rule('input', 5, [port({ range: [67, 69] }), { drop: null }]))).toEqual([allowed, ['block', [[67, 68]], undefined, undefined], ['allow', [], undefined, undefined]]) // prettier-ignore
    expect(told(jump(), rule('boot', 4, [{ return: null }]), rule('boot', 5, [port(69), { drop: null }]))).toEqual([])
    expect(told(rule('input', 2, [{ accept: null }]), rule('input', 3, [port(69), { drop: null }]))).toEqual([['allow', [], undefined, undefined]]) // prettier-ignore
    expect(told(rule('input', 2, [port(69), { accept: null }]), rule('input', 3, [{ log: {} }, { drop: null }]), rule('input', 4, [port(67), { accept: null }]))).toEqual([allowed]) // prettier-ignore
    // In doubt: some senders are let in, and then the rest is not.
    const some = { match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: '10.0.0.1' } }
    expect(told(rule('input', 2, [some, port(69), { accept: null }]), rule('input', 3, [port(69), { drop: null }]))).toEqual([['allow', [[69, 69]], undefined, true], ['block', [[69, 69]], undefined, true], ['allow', [], undefined, undefined]]) // prettier-ignore
  })

  test('sets with a name are read, those that have another kind of element or are not there are in doubt', () => {
    const set = (name: string, ...elem: unknown[]) => ({ set: { family: 'inet', table: 'filter', name, type: 'inet_service', elem } }) // prettier-ignore
    const told = (...items: readonly object[]) =>
      nft(...items, chain('input', { ...input, policy: 'drop' }), rule('input', 3, [port('@boot'), { accept: null }]))!.rules // prettier-ignore
    expect(told(set('boot', 67, { range: [69, 70] }, { elem: { val: 4011, timeout: 60 } }))).toMatchObject([{ ports: [[67, 67], [69, 70], [4011, 4011]] }]) // prettier-ignore
    expect(told(set('boot', { concat: [1, 2] }))).toMatchObject([{ ports: [], isBound: true }])
    expect(told()).toMatchObject([{ ports: [], isBound: true }])
  })

  test('prerouting, the ingress of a device and a bridge drop what the input hook never sees', () => {
    const own = (family: string, hook: string, more: object, ...rules: readonly (readonly object[])[]) => [
      { chain: { family, table: 't', name: 'c', handle: 1, type: 'filter', hook, prio: -300, ...more } },
      ...rules.map((expr, at) => ({ rule: { family, table: 't', chain: 'c', handle: 2 + at, expr } })),
    ]
    const open = { interfaces: { source: 'interfaces', value: ['eth0', 'eth1'].map((name, at) => ({ name, address: `10.${at}.0.1`, prefixLength: 24 })) } } // prettier-ignore
    const passages = (items: readonly object[], family: 'ip' | 'ip6' = 'ip', listed = '') => {
      const { isOn, rules } = parseNft(JSON.stringify({ nftables: items }), family, ingressDevices(listed))!
      const facts = factsSchema.parse({ version: 1, system: 'linux', collectedAt: '2026-11-27T00:00:00Z', host: 'lab', sources: {}, ...open }) // prettier-ignore
      return ownWays(facts).map((way) => passageOf({ isOn, rules: [...rules] }, 69, [way])).join(' ') // prettier-ignore
    }
    const drop = [port(69), { drop: null }]
    expect(passages(own('ip', 'prerouting', { policy: 'accept' }, drop))).toBe('closed closed')
    expect(passages(own('ip', 'prerouting', { policy: 'accept' }, [port(67), { drop: null }]))).toBe('open open')
    expect(passages(own('ip', 'prerouting', { policy: 'accept' }, drop), 'ip6')).toBe('open open')
    expect(passages(own('inet', 'prerouting', { policy: 'drop' }, [port(67), { accept: null }]))).toBe('closed closed')
    expect(passages(own('inet', 'prerouting', { policy: 'drop' }, [port(69), { accept: null }]))).toBe('open open')
    // Addresses are translated there, and nothing is kept out; what only passes through is another hook.
    expect(passages(own('ip', 'prerouting', { type: 'nat', policy: 'accept' }, drop))).toBe('open open')
    expect(passages(own('ip', 'forward', { policy: 'drop' }))).toBe('open open')
    // An input chain that lets it in does not help, nor does prerouting open what the input chain keeps out.
    const input69 = [chain('input', { ...input, policy: 'drop' }), rule('input', 3, [port(69), { accept: null }])]
    expect(passages([...input69, ...own('ip', 'prerouting', { policy: 'accept' }, drop)])).toBe('closed closed')
    expect(passages([...input69, ...own('ip', 'prerouting', { policy: 'accept' }, [{ accept: null }])])).toBe('open open') // prettier-ignore
    expect(passages([...input69, ...own('ip', 'prerouting', { policy: 'drop' }, [port(67), { accept: null }])])).toBe('closed closed') // prettier-ignore
    expect(passages([chain('input', { ...input, policy: 'drop' }), ...own('ip', 'prerouting', { policy: 'accept' }, [{ accept: null }])])).toBe('closed closed') // prettier-ignore
    // A bridge or VLAN over a device has its packets too, so that of other interfaces nothing is said.
    for (const family of ['netdev', 'inet']) {
      expect(passages(own(family, 'ingress', { dev: 'eth0', policy: 'accept' }, drop))).toBe('closed unknown')
      expect(passages(own(family, 'ingress', { dev: ['eth0', 'eth1'], policy: 'accept' }, drop))).toBe('closed closed')
      expect(passages(own(family, 'ingress', { dev: 'eth0', policy: 'drop' }, [port(69), { accept: null }]))).toBe('open open') // prettier-ignore
      expect(passages(own(family, 'ingress', { dev: 'eth0', policy: 'drop' }))).toBe('closed unknown')
      expect(passages(own(family, 'egress', { dev: 'eth0', policy: 'drop' }))).toBe('open open')
    }
    // Debian 12 tells the device in its text alone.
    const text = 'table netdev t {\n\tchain b {\n\t\ttype filter hook prerouting priority 0;\n\t}\n\tchain c {\n\t\ttype filter hook ingress DEVICES priority filter; policy accept;\n\t}\n}\n' // prettier-ignore
    const bare = own('netdev', 'ingress', { policy: 'accept' }, drop)
    expect(passages(bare)).toBe('unknown unknown')
    expect(passages(bare, 'ip', text.replace('DEVICES', 'device "eth1"'))).toBe('unknown closed')
    expect(passages(bare, 'ip', text.replace('DEVICES', 'devices = { eth0, "eth1" }'))).toBe('closed closed')
    expect(passages(own('bridge', 'input', { policy: 'accept' }, drop))).toBe('unknown unknown')
    const { inputChains } = nft(...own('netdev', 'ingress', { dev: 'eth0' }, drop), ...input69)!
    expect(inputChains.map((one) => [one.path, one.drops, one.blocks(69), one.blocks(67)])).toEqual([
      ['inet filter input', true, false, false],
      ['netdev t c', false, true, false],
    ])
  })

  test('chains of each family hold for it, and those of both for both', () => {
    const text = JSON.stringify({ nftables: [
      { chain: { family: 'ip', table: 'filter', name: 'input', handle: 1, hook: 'input', policy: 'accept' } },
      { chain: { family: 'ip6', table: 'filter', name: 'input', handle: 1, hook: 'input', policy: 'drop' } },
      { rule: { family: 'ip6', table: 'filter', chain: 'input', handle: 2, expr: [port(547), { accept: null }] } },
    ] }) // prettier-ignore
    expect(parseNft(text)).toMatchObject({ inputChains: [{ path: 'ip filter input', drops: false }], rules: [] })
    expect(parseNft(text, 'ip6')).toMatchObject({ inputChains: [{ path: 'ip6 filter input', drops: true }], rules: [{ ports: [[547, 547]] }] }) // prettier-ignore
    expect(parseNft(JSON.stringify({ nftables: [chain('input', input)] }), 'ip6')!.inputChains).toHaveLength(1)
  })

  test('chains that jump in a circle end, and what is no ruleset is told', () => {
    const told = nft(chain('input', input), chain('a'), rule('input', 1, [{ jump: { target: 'a' } }]), rule('a', 2, [{ jump: { target: 'input' } }])) // prettier-ignore
    expect(told!.rules).toEqual([])
    for (const text of ['', 'Operation not permitted', '{"nftables":7}']) expect(parseNft(text)).toBeUndefined()
  })
})

test('whether answers to what was sent get in, as a match, in a verdict map, or not at all', () => {
  const state = { ct: { key: 'state' } }
  const match = { match: { op: 'in', left: state, right: ['established', 'related'] } }
  const map = { vmap: { key: state, data: { set: [['established', { accept: null }], ['invalid', { drop: null }]] } } } // prettier-ignore
  const told = (...expr: object[]) =>
    nft(chain('input', { ...input, policy: 'drop' }), rule('input', 3, expr))!.letsAnswersIn
  expect([told(match, { accept: null }), told(map), told(match, { drop: null }), told(port(69), { accept: null })]).toEqual([true, true, false, false]) // prettier-ignore
})

test('neighbours as Linux, Windows and macOS list them', () => {
  const text = `IP address       HW type     Flags       HW address            Mask     Device
10.77.0.1        0x1         0x2         1a:2a:16:de:39:cb     *        eth0
10.77.0.9        0x1         0x0         00:00:00:00:00:00     *        eth0
  192.168.1.1           00-1a-2b-3c-4d-5e     dynamisch
? (10.0.0.1) at 0:1b:2:3:4:5 on en0 ifscope [ethernet]`
  expect([...parseArpTable(text)]).toEqual([
    ['10.77.0.1', '1a:2a:16:de:39:cb'],
    ['192.168.1.1', '00:1a:2b:3c:4d:5e'],
    ['10.0.0.1', '00:1b:02:03:04:05'],
  ])
})

describe('what comes from a server may be anything', () => {
  const start = (text: string) => fc.uint8Array({ maxLength: 6000 }).map((bytes) => {
    const whole = new Uint8Array(8192)
    whole.set(bytes, 0x20)
    whole.set(Buffer.from(text, 'latin1'))
    return whole
  }) // prettier-ignore

  test('a hive that is damaged is none', () => {
    fc.assert(
      fc.property(start('regf'), (bytes) => {
        const root = readHive(bytes)
        expect(root === undefined || Array.isArray(root.keys)).toBe(true)
        const told = readBootConfiguration(bytes)
        // Without a key of objects nothing is told; with one whatever is told has its kind.
        if (!root?.keys.some((one) => one.name === 'Objects')) expect(told).toBeUndefined()
        else expect(told).toMatchObject({ images: expect.any(Array) })
      }),
      { numRuns: 500 },
    )
  })
})

describe('past checks', () => {
  const services = { DHCPServer: 'running', WDSServer: 'running' } as const
  const check = (past: readonly PastCheck[], at: string, value: number): PastCheck[] => {
    const facts = { ...windowsServer({ services, registry: { [wdsKey]: { UseDHCPPorts: value } } }), collectedAt: at }
    return withCheck(past, facts, diagnose(facts))
  }

  test('what is the same makes the last one longer; what changed stands between two', () => {
    const once = check([], '2026-01-01T00:00:00Z', 1)
    const twice = check(once, '2026-01-02T00:00:00Z', 1)
    expect(twice).toMatchObject([{ at: '2026-01-01T00:00:00Z', until: '2026-01-02T00:00:00Z' }])
    const changed = check(twice, '2026-01-03T00:00:00Z', 0)
    expect(changed.map((one) => one.verdict)).toEqual([
      'WDS and DHCP both claim UDP port 67.',
      'Option 60 is missing: no client is told of the PXE service.',
    ])
    expect(changedLines(changed[0], changed[1]!)).toEqual({ came: ['UseDHCPPorts is 0'], went: ['UseDHCPPorts is 1'] })
    expect(changedLines(undefined, changed[0]!)).toEqual({ came: [], went: [] })
  })

  test('no more than two hundred are kept', () => {
    let past: PastCheck[] = []
    for (let index = 0; index < 205; index++) past = check(past, `2026-01-01T00:00:${index}Z`, index)
    expect(past.length).toBe(200)
    expect(spoken(past.at(-1)!.lines)).toContain('UseDHCPPorts is 204')
  })
})
