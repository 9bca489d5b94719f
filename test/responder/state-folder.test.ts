/** Where the state of a lab lies, and how one from beside the lab file gets there. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs' // prettier-ignore
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LeaseStore } from '../../src/main/responder/lease-store.ts'
import { LabFile, parseLab } from '../../src/main/workspace/lab-file.ts'
import { placeOfState, stateHome, type StatePlace } from '../../src/main/workspace/state-folder.ts'

let root: string
let former: string
const kept = process.env['XDG_STATE_HOME']
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-state-'))
  process.env['XDG_STATE_HOME'] = join(root, 'xdg')
  mkdirSync(join(root, 'Documents'))
  former = join(root, 'Documents/state')
})
afterEach(() => {
  process.env['XDG_STATE_HOME'] = kept
  rmSync(root, { recursive: true, force: true })
})

function place(text = 'interface: eth0\n', name = 'lab.yaml'): Promise<StatePlace> {
  const file = join(root, 'Documents', name)
  writeFileSync(file, text)
  const parsed = parseLab(text)
  return placeOfState(new LabFile(file), parsed.ok ? parsed.lab : undefined)
}
const lease = { address: 0x0a000001, key: 'k', mac: '52:54:00:00:00:01', uuid: undefined, hostname: undefined, architecture: undefined, state: 'bound', since: 1, until: 2 } as const // prettier-ignore
function fill(): void {
  const { store } = LeaseStore.open(join(former, 'leases.sqlite'), new Date(), 'lab.yaml')
  store.commit([lease])
  store.close()
  mkdirSync(join(former, 'captures'))
  writeFileSync(join(former, 'captures/a.pcapng'), 'packets')
}

test('is the folder that each system has for it', () => {
  const windows = stateHome('win32', { LOCALAPPDATA: 'C:\\Users\\a\\AppData\\Local' }, 'C:\\Users\\a')
  expect(windows.replaceAll('/', '\\')).toBe('C:\\Users\\a\\AppData\\Local\\PXE Lab')
  expect(stateHome('darwin', {}, '/Users/a')).toBe('/Users/a/Library/Application Support/PXE Lab')
  expect(stateHome('linux', {}, '/home/a')).toBe('/home/a/.local/state/pxe-lab')
  expect(stateHome('linux', { XDG_STATE_HOME: '/var/state' }, '/home/a')).toBe('/var/state/pxe-lab')
  expect(stateHome('linux', { XDG_STATE_HOME: 'relative' }, '/home/a')).toBe('/home/a/.local/state/pxe-lab')
})

test.skipIf(process.platform === 'win32' || process.platform === 'darwin')(
  'is another for a name in other letters, where files are told apart by them',
  async () => {
    const { folder } = await place()
    const other = (await place(undefined, 'LAB.yaml')).folder
    expect(other).not.toBe(folder)
    expect(basename(other)).toMatch(/^lab-[0-9a-f]{12}$/)
  },
)

describe('of a lab in another folder', () => {
  const labText = (state: string): string => `interface: eth0\nstate: ${state}\n`
  const at = (folder: string, name: string, state: string): Promise<StatePlace> => {
    mkdirSync(join(root, folder), { recursive: true })
    const file = join(root, folder, name)
    writeFileSync(file, labText(state))
    const parsed = parseLab(labText(state))
    return placeOfState(new LabFile(file), parsed.ok ? parsed.lab : undefined)
  }
  const shared = (): string => join(root, 'var/state')
  const run = (lab: string): void => {
    mkdirSync(shared(), { recursive: true })
    LeaseStore.open(join(shared(), 'leases.sqlite'), new Date(), lab).store.close()
  }

  test('is refused where that one lies beside it, whether it ran or not, and by whatever path', async () => {
    await at('one', 'lab.yaml', './state')
    const owner = join(root, 'one/lab.yaml')
    const { folder, refused, told } = await at('two', 'lab.yaml', '../one/state')
    expect(refused?.message).toBe(`the state folder ${join(root, 'one/state')} belongs to the lab ${owner}`)
    expect(told).toEqual([{ type: 'warning', message: `${refused!.message}. ${refused!.remedy}` }])
    expect(basename(folder)).toMatch(/^lab-[0-9a-f]{12}$/)
    mkdirSync(join(root, 'one/state'))
    symlinkSync(join(root, 'one/state'), join(root, 'way'))
    // By a link to the folder nobody stands beside it; who used it last does.
    LeaseStore.open(join(root, 'one/state/leases.sqlite'), new Date(), owner).store.close()
    expect((await at('two', 'lab.yaml', join(root, 'way'))).refused?.message).toContain(`belongs to the lab ${owner}`)
    // The owner itself, and another lab in its folder, are at home.
    expect(await at('one', 'lab.yaml', './state')).toEqual({ folder: join(root, 'one/state'), told: [] })
    expect(await at('one', 'proxy.yaml', './state')).toEqual({ folder: join(root, 'one/state'), told: [] })
  })

  test('is refused where that one used it last and still names it; not once it has gone, moved, or names another', async () => {
    await at('one', 'lab.yaml', shared())
    run(join(root, 'one/lab.yaml'))
    expect((await at('two', 'lab.yaml', shared())).refused?.message).toContain(`belongs to the lab ${join(root, 'one/lab.yaml')}`) // prettier-ignore
    writeFileSync(join(root, 'one/lab.yaml'), labText('./other'))
    expect(await at('two', 'lab.yaml', shared())).toEqual({ folder: shared(), told: [] })
    writeFileSync(join(root, 'one/lab.yaml'), labText(shared()))
    rmSync(join(root, 'one/lab.yaml'))
    expect(await at('two', 'lab.yaml', shared())).toEqual({ folder: shared(), told: [] })
  })

  test('is refused where it is the folder that the system keeps for that one', async () => {
    const { folder } = await place()
    mkdirSync(folder, { recursive: true })
    LeaseStore.open(join(folder, 'leases.sqlite'), new Date(), join(root, 'Documents/lab.yaml')).store.close()
    expect((await at('two', 'lab.yaml', folder)).refused?.message).toContain(join(root, 'Documents/lab.yaml'))
  })

  test('a copy of a folder with its lab and state is a lab of its own', async () => {
    await at('one', 'lab.yaml', './state')
    mkdirSync(join(root, 'one/state'))
    LeaseStore.open(join(root, 'one/state/leases.sqlite'), new Date(), join(root, 'one/lab.yaml')).store.close()
    cpSync(join(root, 'one'), join(root, 'copy'), { recursive: true })
    expect(await at('copy', 'lab.yaml', './state')).toEqual({ folder: join(root, 'copy/state'), told: [] })
  })
})

test('is one for each lab file, the same by every path, and never beside it', async () => {
  const { folder, told } = await place()
  expect([folder.startsWith(join(root, 'xdg/pxe-lab/labs/lab-')), told]).toEqual([true, []])
  symlinkSync(join(root, 'Documents'), join(root, 'link'))
  const parsed = parseLab('interface: eth0\n')
  const lab = parsed.ok ? parsed.lab : undefined
  expect((await placeOfState(new LabFile(join(root, 'link/lab.yaml')), lab)).folder).toBe(folder)
  expect((await place(undefined, 'Lab 2.yaml')).folder).toMatch(/\/lab-2-[0-9a-f]{12}$/)
  // A lab that is not there yet has the folder that it will have.
  mkdirSync(join(root, 'new'))
  const before = await placeOfState(new LabFile(join(root, 'new/bench/lab.yaml')), undefined)
  mkdirSync(join(root, 'new/bench'))
  writeFileSync(join(root, 'new/bench/lab.yaml'), 'interface: eth0\n')
  expect((await placeOfState(new LabFile(join(root, 'new/bench/lab.yaml')), lab)).folder).toBe(before.folder)
})

describe('one beside the lab file', () => {
  test('moves once, whole, for its owner alone, and the log tells', async () => {
    fill()
    const { folder, told } = await place()
    expect(told).toEqual([{ type: 'state-moved', from: former, to: folder }])
    expect(existsSync(former)).toBe(false)
    expect(readFileSync(join(folder, 'captures/a.pcapng'), 'utf8')).toBe('packets')
    const { store, leases } = LeaseStore.open(join(folder, 'leases.sqlite'), new Date(), 'lab.yaml')
    store.close()
    expect(leases).toMatchObject([{ mac: lease.mac }])
    expect([folder, join(folder, 'captures'), join(folder, 'captures/a.pcapng'), join(folder, 'leases.sqlite')].map((one) => (statSync(one).mode & 0o777).toString(8))).toEqual(['700', '700', '600', '600']) // prettier-ignore
    // A second time nothing is left to move; one that comes back from elsewhere is not mixed into it.
    fill()
    expect(await place()).toEqual({ folder, told: [] })
    expect(existsSync(former)).toBe(true)
  })

  test('stays where the lab file names it', async () => {
    fill()
    expect(await place('interface: eth0\nstate: ./state\n')).toEqual({ folder: former, told: [] })
    expect(await place('interface: eth0\nstate: ../elsewhere\n')).toEqual({ folder: join(root, 'elsewhere'), told: [] })
    expect(readdirSync(former)).toContain('leases.sqlite')
  })

  test("stays where another lab file names it, and is that lab's alone", async () => {
    fill()
    writeFileSync(join(root, 'Documents/owner.yaml'), 'interface: eth0\nstate: ./state/\n')
    const { folder, told } = await place()
    expect([folder.startsWith(join(root, 'xdg')), told, readdirSync(former).includes('leases.sqlite')]).toEqual([
      true,
      [],
      true,
    ])
    const notThere = await placeOfState(new LabFile(join(root, 'Documents/new.yaml')), undefined)
    expect(notThere.folder.startsWith(join(root, 'xdg'))).toBe(true)
    // It may name the folder too.
    expect((await place('interface: [', 'broken.yaml')).folder).toBe(former)
  })

  test('stays, and is used, where the lab file cannot be read', async () => {
    fill()
    expect(await place('interface: [')).toEqual({ folder: former, told: [] })
  })

  test('stays while a lab runs with it', async () => {
    fill()
    const { store } = LeaseStore.open(join(former, 'leases.sqlite'), new Date(), 'lab.yaml')
    const running = await place()
    expect(running).toMatchObject({ folder: former, told: [{ type: 'warning', message: expect.stringContaining('is in use by PXE Lab') }] }) // prettier-ignore
    store.close()
    expect((await place()).told).toMatchObject([{ type: 'state-moved' }])
  })

  test('stays while one runs that knows no lock', async () => {
    fill()
    const database = new DatabaseSync(join(former, 'leases.sqlite'))
    database.exec('PRAGMA journal_mode = WAL')
    database.prepare('SELECT count(*) FROM lease').get()
    expect(await place()).toMatchObject({ folder: former, told: [{ message: expect.stringContaining('in use') }] })
    database.close()
    expect((await place()).told).toMatchObject([{ type: 'state-moved' }])
  })

  test('stays where two labs share it, where it holds what is not ours, and where it is a link', async () => {
    fill()
    writeFileSync(join(root, 'Documents/other.yaml'), 'interface: eth1\n')
    expect(await place()).toMatchObject({ folder: former, told: [{ message: expect.stringContaining('other.yaml uses it too') }] }) // prettier-ignore
    writeFileSync(join(root, 'Documents/other.yaml'), 'interface: eth1\nstate: ./own\n')
    writeFileSync(join(former, 'thesis.docx'), '')
    expect(await place()).toMatchObject({ folder: former, told: [{ message: expect.stringContaining('thesis.docx') }] })
    rmSync(former, { recursive: true })
    former = join(root, 'real')
    fill()
    symlinkSync(former, join(root, 'Documents/state'))
    expect(await place()).toEqual({ folder: join(root, 'Documents/state'), told: [] })
  })

  test('a folder of that name without our files is left alone', async () => {
    mkdirSync(former)
    writeFileSync(join(former, 'notes.txt'), '')
    expect(basename((await place()).folder)).toMatch(/^lab-/)
    expect(readdirSync(former)).toEqual(['notes.txt'])
  })

  test('stays where it cannot be moved, and says why', async () => {
    fill()
    writeFileSync(join(root, 'xdg'), 'a file where a folder is wanted')
    expect(await place()).toMatchObject({ folder: former, told: [{ message: expect.stringMatching(/cannot be moved to .* \(E\w+\)/) }] }) // prettier-ignore
    expect(readFileSync(join(former, 'captures/a.pcapng'), 'utf8')).toBe('packets')
  })
})
