/** Commands about machines one by one: render, next-boot, wake --group, and check of a lab file with its templates. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { checkSchema } from '#shared/contract/documents.ts'
import type { Handlers } from '#shared/contract/calls.ts'
import type { SeenBoot } from '#shared/lab/group-run.ts'
import type { Lab, LabInput } from '#shared/lab/lab.ts'
import { NextBoots } from '#shared/machines/next-boots.ts'
import { MachinePlans } from '../../src/main/backend/machine-plans.ts'
import { program } from '../../src/main/cli/index.ts'
import { commandAccessFile, commandHandlers, newCommandSecret } from '../../src/main/web/command-access.ts'
import { PrivateNote } from '../../src/main/web/private-note.ts'
import { startWebServer, type WebServer } from '../../src/main/web/server.ts'
import { parseLab } from '../../src/main/workspace/lab-file.ts'
import { stringify } from 'yaml'
import { LabFolder } from '../helpers/lab.ts'

const [mac1, mac2, mac3] = ['52:54:00:00:00:01', '52:54:00:00:00:02', '52:54:00:00:00:03'] as const
const input = {
  interface: 'lo',
  mode: 'dhcp',
  variables: { role: 'desktop' },
  machines: [
    { mac: mac1, hostname: 'node1', serial: 'SN1', variables: { rootpw: { secret: 'sesame' }, role: 'kiosk' } },
    { mac: mac2, hostname: 'node2' },
  ],
  groups: [
    { name: 'first', machines: ['node1'] },
    { name: 'desks', machines: ['node2', mac3], after: 'first', atOnce: 1 },
  ],
  dhcp: { subnets: [{ subnet: '10.66.0.0/24', pools: [], reservations: [{ mac: mac1, address: '10.66.0.50' }] }] },
  boot: { programs: [{ file: 'undionly.kpxe' }], templates: ['ks.cfg', 'answers/**'] },
} satisfies LabInput

let folder: LabFolder
beforeEach(() => {
  folder = new LabFolder()
  folder.write(input)
})
afterEach(() => folder.remove())

/** A command of the command line, with `--config` behind it. */
async function run(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const told = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      told[name] += String(text)
      return true
    }),
  )
  const before = process.exitCode
  try {
    await program.parseAsync([...words, '--config', folder.file], { from: 'user' })
    return { ...told, status: Number(process.exitCode) }
  } finally {
    process.exitCode = before
    for (const spy of spies) spy.mockRestore()
  }
}

describe('render', () => {
  test('shows a file as a machine gets it, by its name, with its secrets concealed', async () => {
    folder.put('ks.cfg', 'host {hostname}\nrootpw {rootpw}\n{role} {serial} {ip} {mac:-} {architecture} ${mac}\n')
    expect(await run('render', 'ks.cfg', '--mac', 'Node1', '--architecture', 'bios')).toEqual({
      status: 0,
      stdout: 'host node1\nrootpw ••••••\nkiosk SN1 10.66.0.50 52-54-00-00-00-01 bios ${mac}\n',
      stderr: '',
    })
    const told = await run('render', 'KS.cfg', '--mac', mac1, '--ip', '10.66.0.9', '--asset', 'X2', '--architecture', 'bios', '--json') // prettier-ignore
    expect(told.stdout).not.toContain('sesame')
    expect(JSON.parse(told.stdout)).toMatchObject({ name: 'ks.cfg', isTemplate: true, problems: [] })
    expect(told.stdout).toContain('"10.66.0.9"')
  })

  test('a number that leads to no machine of the lab file is told, and one that adds to a known machine is not', async () => {
    folder.put('ks.cfg', '{role} {serial}\n')
    const strange = await run('render', 'ks.cfg', '--mac', mac3, '--serial', 'SN9')
    expect(strange).toMatchObject({ status: 0, stdout: 'desktop SN9\n' })
    expect(strange.stderr).toContain(
      '--serial SN9: no machine of the lab file has this serial number; only {serial} is filled',
    )
    const anothers = await run('render', 'ks.cfg', '--mac', mac3, '--serial', 'sn1')
    expect(anothers.stdout).toBe('desktop sn1\n')
    expect(anothers.stderr).toContain('--serial sn1 is the serial number of machines[0], which is for another machine')
    expect((await run('render', 'ks.cfg', '--mac', mac1, '--serial', 'SN1')).stderr).toBe('')
    expect((await run('render', 'ks.cfg', '--mac', mac1, '--asset', 'X2')).stderr).toBe('')
  })

  test('a machine is found by its UUID, serial number or asset tag as well, with all that its entry says', async () => {
    const uuid = '6c616221-0000-4000-8000-525400770009'
    folder.write({
      ...input,
      machines: [...input.machines, { uuid, serial: 'SN7', hostname: 'node7', variables: { role: 'wall' } }, { asset: 'TAG-8', variables: { role: 'desk' } }],
      dhcp: { subnets: [{ ...input.dhcp.subnets[0]!, reservations: [...input.dhcp.subnets[0]!.reservations, { uuid, address: '10.66.0.57' }] }] },
    }) // prettier-ignore
    folder.put('ks.cfg', '{role} {serial} {ip} {hostname}\n')
    for (const words of [
      ['--uuid', uuid],
      ['--serial', 'sn7'],
    ])
      expect(await run('render', 'ks.cfg', ...words)).toEqual({
        status: 0,
        stdout: 'wall SN7 10.66.0.57 node7\n',
        stderr: '',
      })
    // The address of a machine that its entry names by MAC too.
    expect(await run('render', 'ks.cfg', '--serial', 'SN1')).toMatchObject({ status: 0, stdout: 'kiosk SN1 10.66.0.50 node1\n' }) // prettier-ignore
    folder.put('ks.cfg', '{role}\n')
    expect(await run('render', 'ks.cfg', '--asset', 'tag-8')).toMatchObject({ status: 0, stdout: 'desk\n', stderr: '' })
    expect(await run('render', 'ks.cfg')).toMatchObject({ status: 64, stderr: expect.stringContaining('--mac, --uuid, --serial or --asset') as string }) // prettier-ignore
  })

  test('an address that no reservation gives is asked for', async () => {
    folder.put('ks.cfg', 'ip={ip}\n')
    expect((await run('render', 'ks.cfg', '--mac', mac3)).stderr).toMatch(/\{ip\} has no value[^\n]*\n.*use --ip ADDRESS to show the file with one/) // prettier-ignore
    const given = await run('render', 'ks.cfg', '--mac', mac3, '--ip', '10.66.0.7')
    expect(given).toMatchObject({ status: 0, stdout: 'ip=10.66.0.7\n', stderr: '' })
    folder.put('ks.cfg', '{rootpw}\n')
    expect((await run('render', 'ks.cfg', '--mac', mac3)).stderr).not.toContain('--ip')
  })

  test('says file, line, column and remedy where a machine would not get it', async () => {
    folder.put('ks.cfg', 'x\n  {rootpw} {nobody}\n').put('plain.txt', '{hostname}\n')
    const { status, stdout, stderr } = await run('render', 'ks.cfg', '--mac', 'node2')
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^pxe-lab: ks\.cfg:2:3: \{rootpw\} has no value: only other machines have one/)
    expect(stderr).toMatch(/ks\.cfg:2:12: \{nobody\} is no variable of this lab\. Add nobody to variables/)
    // What is no template is served as it is.
    const plain = await run('render', 'plain.txt', '--mac', mac2)
    expect(plain).toMatchObject({ status: 0, stdout: 'node2\n' })
    expect(plain.stderr).toContain('plain.txt is served unchanged: add it to boot.templates')
    expect(await run('render', '../lab.yaml', '--mac', mac1)).toMatchObject({ status: 1, stdout: '' })
    expect(await run('render', 'ks.cfg', '--mac', 'node9')).toMatchObject({ status: 64, stderr: expect.stringContaining('node9 is neither a MAC address') as string }) // prettier-ignore
    expect(await run('render', 'ks.cfg', '--mac', mac1, '--uuid', 'x')).toMatchObject({ status: 64 })
  })
})

describe('check of a lab file', () => {
  test('names file, line, variable and remedy', async () => {
    folder.put('ks.cfg', 'a\n{rootpw}\n{hostname} {nobody}\n{role:hex}\n')
    const { status, stdout } = await run('check')
    expect(status).toBe(1)
    const of = (part: string): string => stdout.split('\n').find((line) => line.includes(part)) ?? ''
    expect(of('nobody')).toMatch(/lab\.yaml:\d+: Machines do not get ks\.cfg: \{nobody\} in line 3 is no variable of this lab\. Add nobody to variables/) // prettier-ignore
    expect(of('{rootpw}')).toMatch(/lab\.yaml:\d+: note: As the lab file stands, node2 would not get ks\.cfg: line 2: \{rootpw\} has no value: only other machines have one.*Give rootpw a value/) // prettier-ignore
    expect(of('{role:hex}')).toMatch(
      /node1, node2 would not get ks\.cfg: line 4: \{role:hex\}: the value kiosk has no such form\. Forms -/,
    )
    expect(of('answers')).toMatch(
      /note: No file of the boot folder is a template by the name answers\/\*\*\. Put one into/,
    )
    expect(of('undionly')).toMatch(/All machines get nothing to boot: undionly\.kpxe cannot be loaded/)
    // Its own line of the list, not that of the list.
    expect(of('answers')).toContain(`:${stringify({ state: './state', ...input }).split('\n').findIndex((line) => line.includes('answers/**')) + 1}:`) // prettier-ignore
    expect(stdout).toMatch(/lab\.yaml: \d problems, \d+ notes\.\n$/)
  })

  test('what a machine tells of itself is no problem, and a file that is mended has none', async () => {
    folder.put('ks.cfg', '{mac} {uuid} {serial} {asset} {ip:hex} {hostname} {architecture} {server} {mac:pxelinux}\n')
    expect((await run('check')).stdout).not.toContain('ks.cfg')
    folder.put('answers/a.xml', Buffer.from('\ufeff<a>{role}</a>', 'utf16le'))
    folder.put('answers/b.cfg', 'x'.repeat(1024 * 1024 + 1))
    const { stdout } = await run('check', '--json')
    const told = checkSchema.parse(JSON.parse(stdout))
    const notices = told.version === 1 ? told.notices : []
    expect(notices.filter(({ code }) => code === 'template-refused').map(({ text }) => text)).toEqual([
      'Machines do not get answers/a.xml: it is UTF-16, in which no placeholder is found',
      'Machines do not get answers/b.cfg: a template has 1 MiB at most',
    ])
    for (const { line } of notices) expect(line).toBeGreaterThan(0)
  })

  test('names with a variable that a machine lacks', async () => {
    folder.write({ ...input, boot: { programs: [{ file: '{kind}.efi' }] }, machines: [{ mac: mac1, hostname: 'node1', variables: { kind: 'a' } }, { mac: mac2, hostname: 'node2' }] }) // prettier-ignore
    folder.put('a.efi', 'x')
    const { stdout } = await run('check')
    expect(stdout).toMatch(
      /note: node2 \(52:54:00:00:00:02\) gets nothing to boot from \{kind\}\.efi: \{kind\} has no value for it/,
    )
    expect(stdout).not.toContain('node1')
  })

  test('what a network or a kind of machines has may be what a machine has, and a lab that answers nobody is told so', async () => {
    const machines = [
      { mac: mac1 },
      { subnet: '10.1.0.0/16', variables: { mirror: 'm' } },
      { mac: mac2, variables: { mirror: 'n' } },
    ]
    folder.write({
      ...input,
      groups: [],
      machines,
      boot: { programs: [{ file: '{mirror}.efi' }], templates: ['ks.cfg'] },
    })
    folder.put('ks.cfg', '{mirror}')
    const { stdout } = await run('check')
    expect(stdout).not.toMatch(/ks\.cfg|52:54:00:00:00:01/)
    expect((await run('render', 'ks.cfg', '--mac', mac3)).stderr).toContain('machines of 10.1.0.0/16 have one, and where this one is is not known') // prettier-ignore
    expect((await run('render', 'ks.cfg', '--mac', mac1, '--ip', '10.1.2.3')).stdout).toBe('m')
    folder.write({ interface: 'lo', mode: 'listen' })
    expect(await run('check')).toMatchObject({ status: 0, stdout: expect.stringMatching(/in mode listen, a lab answers no client[^]*lab\.yaml: valid\.\n$/) as string }) // prettier-ignore
  })

  test('other options are for networks', async () => {
    expect(await run('check', '--form', 'nagios')).toMatchObject({ status: 64 })
    expect(await run('check', '--every', '5')).toMatchObject({ status: 64, stderr: expect.stringContaining('--config alone checks a lab file') as string }) // prettier-ignore
  })
})

describe('of a lab that is served', () => {
  let web: WebServer
  let plans: MachinePlans
  let woken: string[]
  let booting: Map<string, SeenBoot>
  let running: Lab | undefined
  beforeEach(async () => {
    const parsed = parseLab(stringify(input))
    if (!parsed.ok) throw new Error('the lab has problems')
    running = parsed.lab
    const next = new NextBoots([], () => 1000)
    woken = []
    booting = new Map()
    plans = new MachinePlans({
      lab: () => parsed.lab,
      bootFolder: () => join(folder.root, 'boot'),
      running: () => running,
      nextBoots: () => Promise.resolve(next.list()),
      setNextBoot: (mac, what) => Promise.resolve(what ? next.set(mac, what) : next.undo(mac)),
      wake: ([mac]) => {
        woken.push(mac!)
        if (mac !== mac3)
          booting.set(mac!, { startedAt: Date.now(), lastAt: Date.now(), outcome: 'started', headline: '' })
        return mac === mac3 ? Promise.reject(new Error('eth0 has no link')) : Promise.resolve()
      },
      bootOf: (mac) => booting.get(mac),
      factsOf: () => ({}),
      architectureOf: () => undefined,
    })
    const secret = newCommandSecret()
    const handlers = { 'status.read': () => ({}), ...plans.handlers } as unknown as Handlers
    web = await startWebServer({ backend: { handlers, connect: () => () => {} }, pages: folder.root, host: '127.0.0.1', port: 0, commands: { secret, handlers: commandHandlers(handlers) } }) // prettier-ignore
    const note = new PrivateNote(commandAccessFile(join(folder.root, 'state')), 'it', (text) => expect(text).toBe(''))
    note.write(JSON.stringify({ url: web.origin, secret }))
    await expect.poll(() => statSync(note.path, { throwIfNoEntry: false })?.isFile()).toBe(true)
  })
  afterEach(async () => {
    plans.close()
    await web.close()
  })

  test('next-boot sets a file and the local disk, lists them, and takes one back', async () => {
    expect((await run('next-boot')).stdout).toBe('Every machine loads what the rules say.\n')
    expect(await run('next-boot', 'node1', 'tools/memtest.0')).toMatchObject({ status: 0, stderr: '' })
    const both = await run('next-boot', mac2, '--local-disk')
    expect(both.stdout).toMatch(new RegExp(`^${mac1} {2}tools/memtest\\.0 {2}waiting since .*\\n${mac2} {2}local disk {2}waiting since .*\\n$`)) // prettier-ignore
    expect(JSON.parse((await run('next-boot', '--json')).stdout)).toMatchObject([{ mac: mac1, file: 'tools/memtest.0' }, { mac: mac2, file: null }]) // prettier-ignore
    expect((await run('next-boot', 'node1', '--undo')).stdout).toMatch(new RegExp(`^${mac2} .*\\n$`))
    expect(await run('next-boot', 'node1', '--undo')).toMatchObject({ status: 1, stderr: expect.stringContaining('nothing is set for the next boot') as string }) // prettier-ignore
  })

  test('next-boot says what cannot be set', async () => {
    expect(await run('next-boot', 'node1', '../lab.yaml')).toMatchObject({ status: 1, stderr: expect.stringContaining('leads out of the boot folder') as string }) // prettier-ignore
    for (const words of [['node1'], ['node1', 'a', '--undo'], ['--undo'], ['node9', 'a.efi']])
      expect(await run('next-boot', ...words)).toMatchObject({ status: 64, stdout: '' })
    running = undefined
    expect(await run('next-boot', 'node1', 'a.efi')).toMatchObject({ status: 1, stderr: expect.stringContaining('no responder answers machines') as string }) // prettier-ignore
    await web.close()
    expect(await run('next-boot')).toMatchObject({ status: 1, stderr: expect.stringContaining('does not run any more') as string }) // prettier-ignore
  })

  test('wake --group wakes in order, tells each step, and ends as the worst of them', async () => {
    const first = await run('wake', '--group', 'first')
    expect(first).toMatchObject({ status: 0, stderr: '' })
    expect(first.stdout).toMatch(/node1 \(first\) has booted\n$/)
    woken = []
    const desks = await run('wake', '--group', 'desks')
    expect(woken).toEqual([mac1, mac2, mac3])
    expect(desks.stdout).toMatch(/node1 \(first\) has booted\n(.*\n)*node2 \(desks\) has booted\n(.*\n)*52:54:00:00:00:03 \(desks\) failed: eth0 has no link\n$/) // prettier-ignore
    expect(desks.status).toBe(1)
    expect(await run('wake', '--group', 'nobody')).toMatchObject({ status: 1, stderr: expect.stringContaining('Choose one of: first, desks') as string }) // prettier-ignore
    expect(await run('wake', 'node1', '--group', 'first')).toMatchObject({ status: 64 })
  })
})
