/** What the lab keeps is for its owner alone, whatever the umask, and also where older files were readable to everybody. */
import { chmodSync, lchownSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs' // prettier-ignore
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import type { CaptureState } from '#shared/contract/calls.ts'
import { LeaseStore } from '../../src/main/responder/lease-store.ts'
import { Journal } from '../../src/main/remedy/journal.ts'
import { ownCertificate } from '../../src/main/web/certificate.ts'
import { commandAccessFile } from '../../src/main/web/command-access.ts'
import { PrivateNote } from '../../src/main/web/private-note.ts'
import { RotatingLog } from '../../src/main/workspace/rotating-log.ts'
import { DrivenBackend } from '../helpers/backend.ts'
import { dhclient } from '../helpers/dhclient.ts'
import { startResponder } from '../helpers/lab.ts'
import { labWireForEachTest } from '../helpers/lab-wire.ts'
import { describeWith } from '../helpers/requirements.ts'

describeWith(['root', 'ip', 'curl', 'dhclient', 'dumpcap', 'getcap'], 'the state folder', () => {
  const { network, folder, here, there } = labWireForEachTest()
  let state: string
  beforeEach(() => {
    folder
      .write({
        interface: 'srv0',
        mode: 'dhcp',
        allowOtherServers: true,
        runAs: 'root',
        dhcp: { subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.0', end: '10.77.1.99' }] }] },
      })
      .put('a.bin', 'content')
    state = join(folder.root, 'state')
  })

  /** Whoever starts it may have any umask; threads cannot set it. */
  const open = { NODE_OPTIONS: '--import=data:text/javascript,try{process.umask(0)}catch{}' }
  const modes = (): Record<string, string> =>
    Object.fromEntries(
      [
        state,
        ...readdirSync(state, { recursive: true, withFileTypes: true }).map((one) => join(one.parentPath, one.name)),
      ].map((path) => {
        const found = lstatSync(path)
        return [path.slice(folder.root.length + 1), `${found.isDirectory() ? 'folder' : 'file'} ${(found.mode & 0o777).toString(8)}`] // prettier-ignore
      }),
    )
  const everythingIsClosed = (names: readonly RegExp[]): void => {
    const found = modes()
    expect(Object.entries(found).filter(([, mode]) => mode !== 'folder 700' && mode !== 'file 600')).toEqual([])
    for (const name of names)
      expect(
        Object.keys(found).some((one) => name.test(one)),
        `${name}`,
      ).toBe(true)
  }

  test('is closed to others after everything that writes there', { timeout: 60_000 }, async () => {
    const responder = await startResponder(network, here, folder, open)
    await dhclient(network, there, 'cli0', folder.root)
    everythingIsClosed([/^state$/, /leases\.sqlite$/, /leases\.sqlite-wal$/, /lock\.sqlite$/])
    await responder.stop('SIGTERM')

    const backend = await DrivenBackend.start(network, here, folder, open)
    await backend.call('responder.start')
    await backend.isIn('responding', 15)
    await backend.call('capture.start', { interface: 'srv0' })
    await network.exec(there, 'curl', ['-sS', '-m', '5', 'tftp://10.77.0.1/a.bin'])
    await vi.waitFor(
      async () => expect((await backend.call<CaptureState>('capture.read')).file).toMatch(/pcapng$/),
      60_000,
    )
    await backend.call('doctor.collect', {}, 30)
    await backend.call('remedy.preview', { changes: [{ kind: 'low-ports' }] })
    // What serve and a change of this machine add, by the code that writes it there.
    await new Journal(join(state, 'remedies')).write({ id: 'a' } as never)
    for (const path of [join(state, 'serve-address'), commandAccessFile(state)])
      new PrivateNote(path, 'it', (text) => expect(text).toBe('')).write('http://127.0.0.1/?code=x')
    await ownCertificate(join(state, 'tls.pem'), ['localhost'])
    await vi.waitFor(() => everythingIsClosed([/lock\.sqlite/, /captures\/.*pcapng$/, /checks\.json$/, /tls\.pem$/, /serve-address$/, /serve-commands$/, /remedies\/a\.json$/]), 60_000) // prettier-ignore
    await backend.running.stop('SIGTERM')
  })

  test('whose owner puts links there leads a back end that runs as root nowhere', { timeout: 60_000 }, async () => {
    const prey = join(folder.root, 'prey')
    mkdirSync(join(prey, 'folder'), { recursive: true })
    for (const name of ['file', 'folder/here.yaml', 'folder/old.pcapng']) writeFileSync(join(prey, name), "root's")
    mkdirSync(join(state, 'mine'), { recursive: true })
    symlinkSync(join(prey, 'file'), join(state, 'checks.json'))
    symlinkSync(join(prey, 'folder'), join(state, 'captures'))
    symlinkSync(join(prey, 'folder'), join(state, 'scenarios'))
    for (const path of [state, ...readdirSync(state).map((name) => join(state, name))]) lchownSync(path, 4242, 4242)
    const backend = await DrivenBackend.start(network, here, folder, open)
    await backend.call('doctor.collect', {}, 30)
    const scenario = await backend.call('scenarios.ofLab')
    const save = () => backend.call('scenarios.save', { id: 'here', input: scenario })
    await expect(save()).rejects.toThrow(/scenario here cannot be written \(ELOOP\)/)
    await backend.call('capture.start', { interface: 'srv0' }).catch(() => {})
    await network.exec(there, 'curl', ['-sS', '-m', '2', 'tftp://10.77.0.1/a.bin'])
    await vi.waitFor(
      async () => expect((await backend.call<CaptureState>('capture.read')).interface).toBeNull(),
      60_000,
    )
    rmSync(join(state, 'scenarios'))
    mkdirSync(join(state, 'scenarios'))
    symlinkSync(join(prey, 'file'), join(state, 'scenarios/here.yaml'))
    await expect(save()).rejects.toThrow(/ELOOP/)
    expect(readdirSync(join(prey, 'folder')).sort()).toEqual(['here.yaml', 'old.pcapng'])
    for (const name of ['file', 'folder/here.yaml', 'folder/old.pcapng'])
      expect(readFileSync(join(prey, name), 'utf8')).toBe("root's")
    await backend.running.stop('SIGTERM')
  })

  test(
    'that others could read is closed when it is opened, and what is not ours stays',
    { timeout: 60_000 },
    async () => {
      LeaseStore.open(join(state, 'leases.sqlite'), new Date(), 'lab.yaml').store.close()
      mkdirSync(join(state, 'captures'))
      mkdirSync(join(state, 'remedies'))
      writeFileSync(join(state, 'captures/old.pcapng'), 'packets')
      writeFileSync(join(state, 'remedies/x.json'), '{}')
      const loosen = (): void => {
        for (const path of Object.keys(modes())) {
          const whole = join(folder.root, path)
          chmodSync(whole, lstatSync(whole).isDirectory() ? 0o755 : 0o644)
        }
      }
      loosen()
      const responder = await startResponder(network, here, folder, open)
      everythingIsClosed([/old\.pcapng$/, /x\.json$/, /leases\.sqlite$/])
      await responder.stop('SIGTERM')

      loosen()
      writeFileSync(join(state, 'notes.txt'), 'of somebody')
      chmodSync(join(state, 'notes.txt'), 0o644)
      const again = await startResponder(network, here, folder, open)
      const { state: top, 'state/notes.txt': notes, ...own } = modes()
      expect([top, notes]).toEqual(['folder 755', 'file 644'])
      expect(Object.values(own).filter((mode) => mode !== 'folder 700' && mode !== 'file 600')).toEqual([])
      await again.stop('SIGTERM')
    },
  )
})

test.skipIf(process.platform === 'win32')('logs that others could read are closed when they are opened', () => {
  const parent = mkdtempSync(join(tmpdir(), 'pxe-lab-logs-'))
  const [root, victim] = [join(parent, 'logs'), join(parent, 'victim')]
  mkdirSync(root)
  writeFileSync(victim, '', { mode: 0o644 })
  try {
    for (const name of ['pxe-lab.log', 'pxe-lab.1.log']) {
      writeFileSync(join(root, name), 'old\n')
      chmodSync(join(root, name), 0o644)
    }
    symlinkSync(victim, join(root, 'other.log'))
    const linked = statSync(victim).mode
    chmodSync(root, 0o755)
    new RotatingLog({ folder: root, name: 'pxe-lab' }).write(['new'])
    const modeOf = (path: string): number => statSync(path).mode & 0o777
    expect([root, join(root, 'pxe-lab.log'), join(root, 'pxe-lab.1.log')].map(modeOf)).toEqual([0o700, 0o600, 0o600])
    expect(statSync(victim).mode).toBe(linked)
  } finally {
    rmSync(parent, { recursive: true, force: true })
  }
})
