/**
 * The step with administrator rights, as root for another user: a change on a real firewall from end to end, and everything
 * that this user can put in the way of a process that works in a folder of theirs.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, chownSync, existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs' // prettier-ignore
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { wdsKey } from '#shared/lab/registry-keys.ts'
import type { RemedyRecord } from '#shared/lab/repair.ts'
import { cli } from '../helpers/lab.ts'
import { Network } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'
import { windowsTools, type WindowsTools } from '../helpers/windows-tools.ts'

const user = 65534
const asUser = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--inh-caps=-all']
const helper = (name: string): string => fileURLToPath(new URL(`../helpers/${name}`, import.meta.url))

let root: string
/** The journal of the user. */
let folder: string
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'pxe-lab-elevation-')))
  chownSync(root, user, user)
  folder = join(root, 'remedies')
  mkdirSync(folder, { mode: 0o700 })
  chownSync(folder, user, user)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

describeWith(['root', 'ip', 'nft', 'setpriv'], 'a user without rights', () => {
  test('has a change made and taken back, and can read the journal of it', async () => {
    const network = new Network()
    try {
      const here = network.namespace('s')
      const nft = async (rule: string) => (await network.exec(here, 'nft', [rule])).stdout
      await nft('add table inet filter')
      await nft('add chain inet filter input { type filter hook input priority 0; policy drop; }')
      const before = await nft('list ruleset')
      const socket = join(root, 'broker')
      await network.start(here, process.execPath, [helper('pkexec-double.mjs'), 'broker', socket]).sees(/ready/)
      const state = join(root, 'state')
      const journal = join(state, 'remedies')
      const [program = '', ...values] = asUser
      const asks = async (request: object): Promise<RemedyRecord> => {
        const words = [helper('ask-elevated.mjs'), journal, JSON.stringify(request), socket]
        const { code, stdout, stderr } = await network.exec(here, program, [...values, process.execPath, ...words])
        expect({ code, stderr }).toMatchObject({ code: 0 })
        return JSON.parse(stdout) as RemedyRecord
      }
      const title = 'Prüfung: port 69'
      const record = await asks({ verb: 'apply', title, changes: [{ kind: 'firewall', port: 69 }] })
      expect(record).toMatchObject({ phase: 'applied', title })
      expect(await nft('list ruleset')).toMatch(/udp dport 69 accept/)
      const listed = await network.exec(here, program, [...values, process.execPath, cli, 'remedy', '--state', state])
      expect(listed.stdout).toMatch(/applied {2}Prüfung: port 69/)
      expect(readdirSync(journal)).toEqual([`${record.id}.json`])
      expect(statSync(join(journal, `${record.id}.json`))).toMatchObject({ uid: user, gid: user })
      expect(statSync(join(journal, `${record.id}.json`)).mode & 0o777).toBe(0o600)
      expect(await asks({ verb: 'undo', id: record.id })).toMatchObject({ phase: 'undone' })
      expect(await nft('list ruleset')).toBe(before)
    } finally {
      await network.close()
    }
  })
})

describeWith(['root'], "the administrator's process in a user's folder", () => {
  const secret = 'root:$6$secret'
  const change = { kind: 'registry', key: wdsKey, name: 'UseDHCPPorts', data: 0 }
  const apply = { verb: 'apply', title: 'ports', changes: [change] }
  /** What only root may write to or read. */
  let precious: string
  let name: string
  let tools: WindowsTools
  let before: string

  const tree = (): string =>
    readdirSync(precious, { recursive: true, withFileTypes: true })
      .map((one) => {
        const path = join(one.parentPath, one.name)
        const { mode, uid, mtimeMs } = lstatSync(path)
        return [path, mode, uid, mtimeMs, one.isFile() ? readFileSync(path, 'utf8') : ''].join(' ')
      })
      .join('\n')
  const put = (path: string, content: string, owner = user): string => {
    writeFileSync(path, content, { mode: 0o600 })
    chownSync(path, owner, owner)
    return path
  }
  const ask = (content?: object, journal = folder, as = name, asker = user) => {
    if (content) put(join(folder, as), JSON.stringify(content))
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [cli, 'remedy', 'answer', as, '--journal', journal],
      {
        env: { ...tools.environment, PKEXEC_UID: String(asker) },
        encoding: 'utf8',
        cwd: '/',
        timeout: 30_000,
      },
    )
    const told = /^pxe-lab-answer \S+ (\S+)$/m.exec(stdout)?.[1]
    const answer = told === undefined ? undefined : (JSON.parse(Buffer.from(told, 'base64').toString()) as { message?: string; record?: RemedyRecord }) // prettier-ignore
    const all = stdout + stderr + JSON.stringify(answer ?? '')
    expect(all).not.toContain('secret')
    return { status, answer, all }
  }
  const value = () => tools.state().registry[`HKEY_LOCAL_MACHINE${wdsKey.slice(4)}`]?.['UseDHCPPorts']

  beforeEach(() => {
    precious = mkdtempSync(join(tmpdir(), 'pxe-lab-precious-'))
    put(join(precious, 'shadow'), secret, 0)
    put(join(precious, 'lock'), '0', 0)
    mkdirSync(join(precious, 'remedies'), { mode: 0o700 })
    name = `${randomUUID()}.request`
    tools = windowsTools(root, { services: { DHCPServer: 'running', WDSServer: 'running' } })
    before = tree()
  })
  afterEach(() => {
    try {
      expect(tree()).toBe(before)
    } finally {
      rmSync(precious, { recursive: true, force: true })
    }
  })

  test('a link in place of the answer leads nowhere', () => {
    symlinkSync(join(precious, 'shadow'), join(folder, `${name}.answer`))
    expect(ask(apply).answer?.record).toMatchObject({ phase: 'applied' })
    expect(value()).toBeDefined()
  })

  test.each(['the folder', 'one above it'])('a link in place of %s is seen', (which) => {
    put(join(precious, 'remedies', name), JSON.stringify(apply), 0)
    before = tree()
    const link = join(root, 'link')
    symlinkSync(which === 'the folder' ? join(precious, 'remedies') : precious, link)
    const { answer } = ask(undefined, which === 'the folder' ? link : join(link, 'remedies'))
    expect(answer?.message).toMatch(/belongs to user 0 and not to user 65534, who asks; nothing was changed$/)
    expect(value()).toBeUndefined()
  })

  test.each(['link', 'hard link', 'pipe', 'folder'])('a %s in place of the request is not read', (kind) => {
    const path = join(folder, name)
    if (kind === 'link') symlinkSync(join(precious, 'shadow'), path)
    else if (kind === 'hard link') linkSync(join(precious, 'shadow'), path)
    else if (kind === 'pipe') execFileSync('mkfifo', [path])
    else mkdirSync(path)
    const { answer, status, all } = ask()
    expect(kind === 'hard link' ? answer?.message : all).toMatch(/belongs to user 0|ELOOP|EINVAL/)
    expect(kind === 'hard link' || status !== 0).toBe(true)
    expect(value()).toBeUndefined()
    rmSync(path, { recursive: true })
  })

  test.each(['../one.request', '/etc/passwd', 'a.request', `${randomUUID()}.request.answer`])(
    'the name %s is refused',
    (other) => {
      const { status, answer, all } = ask(undefined, folder, other)
      expect({ answer, status }).toEqual({ answer: undefined, status: 1 })
      expect(all).toMatch(/is no name of a request/)
    },
  )

  test('a record that leads elsewhere is neither read nor written', () => {
    const id = 'forged'
    const record = { version: 1, id: '../x', title: 't', startedAt: '2026-01-01T00:00:00.000Z', phase: 'applying', steps: [], log: [] } // prettier-ignore
    put(join(folder, `${id}.json`), JSON.stringify(record))
    expect(ask({ verb: 'finish', id }).answer?.message).toMatch(/journal forged in .* is damaged/)
    put(join(folder, `${id}.json`), JSON.stringify({ ...record, id: 'another' }))
    expect(ask({ verb: 'finish', id }).answer?.message).toMatch(/is damaged/)
    rmSync(join(folder, `${id}.json`))
    symlinkSync(join(precious, 'shadow'), join(folder, `${id}.json`))
    expect(ask({ verb: 'undo', id }).answer?.message).toMatch(/there is no journal forged/)
    rmSync(join(folder, `${id}.json`))
    linkSync(join(precious, 'shadow'), join(folder, `${id}.json`))
    expect(ask({ verb: 'undo', id }).answer?.message).toMatch(/is damaged/)
    rmSync(join(folder, `${id}.json`))
    expect(ask({ verb: 'undo', id: '../remedies/x' }).answer).toBeUndefined()
    expect(existsSync(join(root, 'x.json'))).toBe(false)
  })

  test('a link in place of the lock is taken away, not followed', () => {
    symlinkSync(join(precious, 'lock'), join(folder, 'lock'))
    expect(ask(apply).answer?.record).toMatchObject({ phase: 'applied' })
  })

  test('a folder that others may write to, or of another user, is refused', () => {
    chmodSync(folder, 0o770)
    expect(ask(apply).answer?.message).toMatch(/others may write to /)
    chmodSync(folder, 0o700)
    expect(ask(apply, folder, name, 1000).answer?.message).toMatch(/belongs to user 65534 and not to user 1000/)
    expect(value()).toBeUndefined()
  })

  test.each(['folder', 'record'])('the %s is exchanged while the change is made', (what) => {
    const aside = join(root, 'aside')
    const tool = join(root, 'tools', 'reg')
    renameSync(tool, `${tool}.real`)
    // The first read comes before the journal is written, the others after it.
    const swap =
      what === 'folder'
        ? `[ -e '${aside}' ] || { mv '${folder}' '${aside}'; ln -s '${join(precious, 'remedies')}' '${folder}'; }`
        : `for one in '${folder}'/*.json; do [ -f "$one" ] && [ ! -L "$one" ] && ln -sf '${join(precious, 'shadow')}' "$one"; done`
    writeFileSync(tool, `#!/bin/sh\n${swap}\nexec '${tool}.real' "$@"\n`)
    chmodSync(tool, 0o755)
    const { answer } = ask(apply)
    if (what === 'folder') {
      const id = answer?.record?.id
      expect(answer?.record).toMatchObject({ phase: 'applied' })
      expect(JSON.parse(readFileSync(join(aside, `${id}.json`), 'utf8'))).toEqual(answer?.record)
      expect(value()).toBeDefined()
    } else {
      // No change without a journal: it is taken back.
      expect(answer?.record).toMatchObject({ phase: 'undone', problem: expect.stringMatching(/ELOOP/) })
      expect(value()).toBeUndefined()
    }
  })
})
