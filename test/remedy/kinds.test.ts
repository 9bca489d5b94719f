/** What is there now of each kind of change, read from what tools print, and what is made of it. */
import { describe, expect, test, vi } from 'vitest'
import { applyCommands, restoreCommands } from '#shared/diagnosis/commands.ts'
import type { dpKey } from '#shared/lab/registry-keys.ts'
import type { Change, Saved } from '#shared/lab/repair.ts'
import {
  describeChange,
  isAsBefore,
  isReached,
  readNow,
  RemedyError,
  type Machine,
} from '../../src/main/remedy/kinds.ts'

/** A machine whose tools print what stands here, by the beginning of their command; the longest counts. */
const machine = (answers: Readonly<Record<string, string | number>>, system: Machine['system'] = 'windows'): Machine => ({
  system,
  program: '/opt/node',
  run: async (program, values) => {
    const command = [program, ...values].join(' ')
    const [key] = Object.keys(answers).filter((one) => command.startsWith(one)).toSorted((a, b) => b.length - a.length)
    const answer = key === undefined ? 1 : answers[key]!
    return typeof answer === 'number' ? { command, output: 'Access is denied.', code: answer } : { command, output: answer, code: 0 }
  },
}) // prettier-ignore

const key = 'HKLM\\SOFTWARE\\A\\B'
const registry: Change = { kind: 'registry', key: key as typeof dpKey, name: 'V', data: 16 }
const option: Change = { kind: 'dhcp-option', option: 60, level: 'scope', at: '10.0.0.0', value: 'PXEClient' }
const service: Change = { kind: 'service', name: 'WDSServer', state: 'running', start: 'auto' }
const restart: Change = { kind: 'restart', name: 'WDSServer' }
const firewall: Change = { kind: 'firewall', port: 67 }
const lowPorts: Change = { kind: 'low-ports' }

describe('the registry', () => {
  const value = (data: string, type = 'REG_DWORD', after = ''): string => `\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\A\\B\r\n    V    ${type}    ${data}\r\n${after}\r\n` // prettier-ignore
  test.each([
    ['a value', { [`reg query ${key} /v V`]: value('0x10') }, { type: 'REG_DWORD', data: '0x10', missingKey: null }],
    ['text', { [`reg query ${key} /v V`]: value('a b', 'REG_SZ') }, { type: 'REG_SZ', data: 'a b', missingKey: null }],
    ['no value in a key that is there', { [`reg query ${key}`]: '\r\n', [`reg query ${key} /v V`]: 1 }, { type: null, data: null, missingKey: null }],
    ['no key', { 'reg query HKLM\\SOFTWARE\\A': 'HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\C\r\n', [`reg query ${key}`]: 1 }, { type: null, data: null, missingKey: key }],
    ['no key above it either', { 'reg query HKLM\\SOFTWARE': 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Z\r\n', 'reg query HKLM\\SOFTWARE\\A': 1, [`reg query ${key}`]: 1 }, { type: null, data: null, missingKey: 'HKLM\\SOFTWARE\\A' }],
  ] as const)('%s', async (_, answers, saved) => expect(await readNow(registry, machine(answers))).toEqual(saved)) // prettier-ignore

  test.each([
    ['a key that may not be read', { 'reg query HKLM\\SOFTWARE\\A': 'hkey_local_machine\\software\\a\\b\r\n', [`reg query ${key}`]: 1 }, `${key} cannot be read: reg query HKLM\\SOFTWARE\\A says "hkey`],
    ['nothing at all', {}, `${key} cannot be read, nor any key above it`],
    ['letters that cannot be written back', { [`reg query ${key} /v V`]: value('ä', 'REG_SZ') }, 'holds REG_SZ data that cannot be saved exactly'],
    ['text of two lines', { [`reg query ${key} /v V`]: value('a', 'REG_SZ', 'b') }, 'cannot be saved exactly'],
  ] as const)('%s is told', async (_, answers, message) => {
    const told = readNow(registry, machine(answers))
    await expect(told).rejects.toBeInstanceOf(RemedyError)
    await expect(told).rejects.toThrow(message)
  }) // prettier-ignore
})

describe('options of the DHCP server', () => {
  const dump = ['# dump', 'Dhcp Server \\\\srv add optiondef 60 "PXEClient" STRING 0', 'Dhcp Server \\\\srv Scope 10.0.0.0 set optionvalue 60 STRING user="x" "no"', 'Dhcp Server \\\\srv Scope 10.0.0.0 set optionvalue 60 STRING "PXEClient" ', 'Dhcp Server \\\\srv Scope 10x0x0.0 set optionvalue 60 STRING "other"', 'Dhcp Server \\\\srv set optionvalue 60 STRING "server"'].join('\r\n') // prettier-ignore
  const read = (more: Partial<typeof option>): Promise<Saved> => readNow({ ...option, ...more }, machine({ netsh: dump })) // prettier-ignore
  test('of a scope, of the server, and none', async () => {
    expect(await read({})).toEqual({ line: 'Dhcp Server \\\\srv Scope 10.0.0.0 set optionvalue 60 STRING "PXEClient"', definition: 'Dhcp Server \\\\srv add optiondef 60 "PXEClient" STRING 0' }) // prettier-ignore
    expect((await read({ level: 'server', at: '' }))['line']).toBe('Dhcp Server \\\\srv set optionvalue 60 STRING "server"') // prettier-ignore
    expect(await read({ option: 66 } as never)).toEqual({ line: null, definition: null })
    expect((await read({ at: '10.0.1.0' }))['line']).toBeNull()
  })
  test('that cannot be read are told', () =>
    expect(readNow(option, machine({ netsh: 'RPC failed' }))).rejects.toThrow('The options of the DHCP server cannot be read: netsh dhcp server dump says "RPC failed"')) // prettier-ignore
})

describe('services of Windows', () => {
  const states = { running: 4, stopped: 1, paused: 7 } as const
  const windows = (state: keyof typeof states, start: number, delayed?: number): Machine =>
    machine({
      'sc.exe query WDSServer': `SERVICE_NAME: WDSServer\r\n        TYPE               : 20  WIN32_SHARE_PROCESS\r\n        STATE              : ${states[state]}  STATE\r\n`,
      'reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\WDSServer': `    Start    REG_DWORD    0x${start}\r\n${delayed === undefined ? '' : `    DelayedAutostart    REG_DWORD    0x${delayed}\r\n`}`,
    })
  test.each([
    ['running', 2, undefined, { state: 'running', start: 'auto' }],
    ['running', 2, 0, { state: 'running', start: 'auto' }],
    ['running', 2, 1, { state: 'running', start: 'delayed-auto' }],
    ['stopped', 3, 1, { state: 'stopped', start: 'manual' }],
    ['stopped', 4, undefined, { state: 'stopped', start: 'disabled' }],
    ['paused', 1, undefined, { state: 'running', start: null }],
  ] as const)('%s, start %i, delayed %s', async (state, start, delayed, saved) =>
    expect(await readNow(service, windows(state, start, delayed))).toEqual(saved),
  )
  test('that are not there, or not told, are refused', async () => {
    await expect(readNow(restart, machine({ 'sc.exe': '[SC] EnumQueryServicesStatus:OpenService FAILED 1060:' }))).rejects.toThrow('WDSServer is not installed here') // prettier-ignore
    await expect(readNow(restart, machine({ 'sc.exe': '???' }))).rejects.toThrow(
      'The state of WDSServer cannot be read',
    )
  })
})

describe('services of systemd', () => {
  const unit = (load: string, active: string, file: string): Machine => machine({ systemctl: `LoadState=${load}\nActiveState=${active}\nUnitFileState=${file}\n` }, 'linux') // prettier-ignore
  test.each([
    ['active', 'enabled', { state: 'running', start: 'auto' }],
    ['inactive', 'disabled', { state: 'stopped', start: 'manual' }],
    ['failed', 'static', { state: 'stopped', start: null }],
    ['active', '', { state: 'running', start: null }],
  ] as const)('%s, %s', async (active, file, saved) =>
    expect(await readNow(service, unit('loaded', active, file))).toEqual(saved),
  )
  test.each(['activating', 'deactivating', 'reloading'])('%s is waited for, half a minute at most', async (active) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance', 'Date'] })
    let looks = 0
    const late = machine({ systemctl: '' }, 'linux')
    const told = (isSettled: boolean): string => `LoadState=loaded\nActiveState=${isSettled ? 'active' : active}\nUnitFileState=enabled\n` // prettier-ignore
    const settles = readNow(service, {
      ...late,
      run: async () => ({ command: '', output: told(++looks > 3), code: 0 }),
    })
    await vi.advanceTimersByTimeAsync(1000)
    expect([await settles, looks]).toEqual([{ state: 'running', start: 'auto' }, 4])
    const never = readNow(service, { ...late, run: async () => ({ command: '', output: told(false), code: 0 }) })
    const failure = never.catch((error: Error) => error.message)
    // Whoever sets the clock makes it neither longer nor shorter.
    vi.setSystemTime(Date.now() - 86_400_000)
    await vi.advanceTimersByTimeAsync(29_900)
    expect(await Promise.race([failure, Promise.resolve('still waiting')])).toBe('still waiting')
    await vi.advanceTimersByTimeAsync(600)
    expect(await failure).toBe('WDSServer has been starting or stopping for 30 s')
    vi.useRealTimers()
  })
  test('that are not there are refused', async () => {
    await expect(readNow(service, unit('not-found', 'inactive', ''))).rejects.toThrow('is no service of this machine')
    await expect(readNow(service, machine({}, 'linux'))).rejects.toThrow('The state of WDSServer cannot be read')
    await expect(readNow(service, machine({ systemctl: 'nothing' }, 'linux'))).rejects.toThrow('cannot be read')
  })
})

describe('the firewall', () => {
  test('of Windows has the rule of ours or not', async () => {
    const rules = (name: string): Machine => machine({ reg: `x|Name=${name}|Y`, powershell: `x|Name=${name}|Y`, netsh: `x|Name=${name}|Y` }) // prettier-ignore
    const told = await readNow(firewall, rules('Another'))
    expect(told['rule']).toBeNull()
    await expect(readNow(firewall, machine({}))).rejects.toThrow('The rules of the firewall cannot be read')
  })
  const nft = (...policies: string[]): string => JSON.stringify({ nftables: policies.map((policy, index) => ({ chain: { family: 'inet', table: `t${index}`, name: 'input', handle: 1, type: 'filter', hook: 'input', prio: 0, policy } })) }) // prettier-ignore
  test('of Linux: every chain that drops is opened, and taken back where it was closed', async () => {
    const withOurs = (chains: string, ...tables: string[]): string => JSON.stringify({ nftables: [...(JSON.parse(chains) as { nftables: object[] }).nftables, ...tables.map((table, at) => ({ rule: { family: 'inet', table, chain: 'input', handle: 7 + at, comment: 'PXE-UDP-67', expr: [{ accept: null }] } }))] }) // prettier-ignore
    const read = (text: string) => readNow(firewall, machine({ nft: text }, 'linux'))
    const closed = await read(nft('drop', 'accept', 'drop'))
    expect(closed).toEqual({ chain: 'inet t0 input,inet t2 input', rule: null })
    expect(isReached(firewall, closed)).toBe(false)
    expect(applyCommands(firewall, 'linux', closed).map((one) => one.slice(3, 6).join(' '))).toEqual(['inet t0 input', 'inet t2 input']) // prettier-ignore
    const half = await read(withOurs(nft('drop', 'accept', 'drop'), 't0'))
    expect(isReached(firewall, half)).toBe(false)
    expect(isAsBefore(firewall, closed, half)).toBe(false)
    expect(applyCommands(firewall, 'linux', half).map((one) => one[4])).toEqual(['t2'])
    const open = await read(withOurs(nft('drop', 'accept', 'drop'), 't0', 't2'))
    expect(isReached(firewall, open)).toBe(true)
    expect(restoreCommands(firewall, closed, 'linux', open).map((one) => one.join(' '))).toEqual(['nft delete rule inet t0 input handle 7', 'nft delete rule inet t2 input handle 8']) // prettier-ignore
    expect(restoreCommands(firewall, half, 'linux', open).map((one) => one.join(' '))).toEqual(['nft delete rule inet t2 input handle 8']) // prettier-ignore
    // A rule in a chain that no longer closes is still ours to take back.
    expect(await read(withOurs(nft('drop', 'accept'), 't0', 't1'))).toEqual({ chain: 'inet t0 input,inet t1 input', rule: '7,8' }) // prettier-ignore
  })

  test('of Linux: the chain that drops, else the first', async () => {
    expect(await readNow(firewall, machine({ nft: nft('accept', 'drop') }, 'linux'))).toMatchObject({ rule: null, chain: expect.stringContaining('t1') }) // prettier-ignore
    expect(await readNow(firewall, machine({ nft: nft('accept', 'accept') }, 'linux'))).toMatchObject({ chain: expect.stringContaining('t0') }) // prettier-ignore
    await expect(readNow(firewall, machine({ nft: nft() }, 'linux'))).rejects.toThrow('has no chain for what comes in')
    await expect(readNow(firewall, machine({}, 'linux'))).rejects.toThrow('The rules of the firewall cannot be read')
  })
})

test.each([
  ['', null],
  ['/opt/node cap_net_raw=ep\n', 'cap_net_raw=ep'],
  ['/opt/node = cap_net_bind_service+ep\n', 'cap_net_bind_service+ep'],
])('low ports: %j', async (output, capabilities) => {
  expect(await readNow(lowPorts, machine({ getcap: output }, 'linux'))).toEqual({ capabilities, program: '/opt/node' })
  await expect(readNow(lowPorts, machine({}, 'linux'))).rejects.toThrow(
    'The capabilities of the program cannot be read',
  )
})

test.each<[Change, Saved, boolean]>([
  [registry, { type: 'REG_DWORD', data: '0x10' }, true],
  [registry, { type: 'REG_DWORD', data: '0x11' }, false],
  [registry, { type: 'REG_SZ', data: '16' }, false],
  [option, { line: 'x set optionvalue 60 STRING "PXEClient"' }, true],
  [option, { line: 'x set optionvalue 60 STRING PXEClient' }, true],
  [option, { line: 'x set optionvalue 60 STRING "other"' }, false],
  [option, { line: null }, false],
  [{ ...option, value: null }, { line: null }, true],
  [service, { state: 'running', start: 'auto' }, true],
  [service, { state: 'running', start: null }, true],
  [service, { state: 'running', start: 'manual' }, false],
  [service, { state: 'stopped', start: 'auto' }, false],
  [{ kind: 'service', name: 'x', state: 'stopped' }, { state: 'stopped', start: 'manual' }, true],
  [restart, { state: 'running' }, true],
  [restart, { state: 'stopped' }, false],
  [firewall, { rule: 'r' }, true],
  [firewall, { rule: null }, false],
  [lowPorts, { capabilities: 'cap_net_bind_service,cap_net_raw=ep' }, true],
  [lowPorts, { capabilities: 'cap_net_raw=ep' }, false],
  [lowPorts, { capabilities: null }, false],
])('%o with %o is reached: %s', (change, now, isSo) => expect(isReached(change, now)).toBe(isSo))

test.each<[Change, Saved, Saved, boolean]>([
  [registry, { type: 'REG_DWORD', data: '0x1' }, { type: 'REG_DWORD', data: '0x1' }, true],
  [registry, { type: 'REG_DWORD', data: '0x1' }, { type: 'REG_DWORD', data: '0x2' }, false],
  [registry, { type: 'REG_SZ', data: '1' }, { type: 'REG_DWORD', data: '1' }, false],
  [option, { line: 'a', definition: null }, { line: 'a', definition: null }, true],
  [option, { line: 'a', definition: 'x' }, { line: 'a', definition: 'y' }, true],
  [option, { line: 'a', definition: null }, { line: 'a', definition: 'y' }, false],
  [option, { line: 'a', definition: null }, { line: null, definition: null }, false],
  [service, { state: 'running', start: 'auto' }, { state: 'running', start: 'manual' }, false],
  [{ kind: 'service', name: 'x', state: 'stopped' }, { state: 'running', start: 'auto' }, { state: 'running', start: 'manual' }, true],
  [service, { state: 'running', start: 'auto' }, { state: 'stopped', start: 'auto' }, false],
  [restart, { state: 'running' }, { state: 'stopped' }, false],
  [restart, { state: 'running' }, { state: 'running' }, true],
  [firewall, { rule: null }, { rule: null }, true],
  [firewall, { rule: null }, { rule: 'r' }, false],
  [firewall, { rule: 'a' }, { rule: 'b' }, true],
  [lowPorts, { capabilities: null }, { capabilities: null }, true],
  [lowPorts, { capabilities: null }, { capabilities: 'x' }, false],
])('%o: %o, now %o, is as before: %s', (change, saved, now, isSo) => expect(isAsBefore(change, saved, now)).toBe(isSo)) // prettier-ignore

test.each<[Change, Saved, readonly [string, string, string]]>([
  [registry, { type: null, data: null }, [`${key}\\V`, 'absent', 'REG_DWORD 0x10']],
  [registry, { type: 'REG_SZ', data: 'a' }, [`${key}\\V`, 'REG_SZ a', 'REG_DWORD 0x10']],
  [option, { line: null }, ['DHCP option 60 at scope level 10.0.0.0', 'not set', 'PXEClient']],
  [{ ...option, level: 'server', at: '', value: null }, { line: 'x STRING "a"' }, ['DHCP option 60 at server level', 'a', 'not set']],
  [service, { state: 'stopped', start: 'manual' }, ['service WDSServer', 'stopped, start manual', 'running, start auto']],
  [service, { state: 'stopped', start: null }, ['service WDSServer', 'stopped', 'running, start auto']],
  [{ kind: 'service', name: 'x', state: 'stopped' }, { state: 'running', start: 'auto' }, ['service x', 'running', 'stopped']],
  [restart, { state: 'running' }, ['service WDSServer', 'running', 'started again']],
  [firewall, { rule: null }, ['firewall, UDP 67', 'no rule', 'let in']],
  [firewall, { rule: 'r' }, ['firewall, UDP 67', 'let in', 'let in']],
  [lowPorts, { capabilities: null, program: '/n' }, ['ports below 1024 for /n', 'no capabilities', 'cap_net_bind_service, cap_net_raw']],
])('%o with %o is told as %o', (change, saved, [what, now, wanted]) => expect(describeChange(change, saved)).toEqual({ what, now, wanted })) // prettier-ignore
