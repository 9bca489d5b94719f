/**
 * Windows Node under Wine, for `test/windows`:
 *
 *     const windows = new Windows()                       // or new Windows({ namespace }), its sockets are made there
 *     const { code, stdout } = await windows.run([cli, 'doctor', '--json'], { cwd: windows.drive })
 *     const responder = windows.start([cli, 'respond', '--config', windows.path(file), '--json'])
 *     await responder.sees(/"type":"ready"/)
 *     await windows.program('reg.exe', ['query', 'HKLM\\Software'])
 *     await windows.close()                               // in afterAll: ends everything, removes the prefix
 *
 * `windows.node` is one executable that stands in for `process.execPath` where a helper wants a path. Files of Linux are
 * there as `Z:\...` (`windows.path`); `windows.drive` is what is `C:\` to Windows. Each instance has its own registry,
 * profile (`%LOCALAPPDATA%`, Documents) and wineserver; only `C:\windows` is shared and must not be written. Groups need
 * `windowsNeeds`. A start costs 0.2 to 0.5 s, so one instance serves a whole file. The wineserver makes the sockets, and
 * makes them where it was started: another namespace needs another instance.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync,
} from 'node:fs' // prettier-ignore
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Running, type Output } from './network.ts'
import { cache, windowsModules, windowsNodePath } from './windows-packages.ts'

const wineLoader = '/usr/lib/wine/wine64'
/**
 * What starts a Windows program. Wine's preloader lies at 7c000000, its heap anywhere in the GiB behind that, and once in a
 * thousand starts where Windows has its shared data (7ffe0000): the program then ends at once with code 1. So the heap stays
 * in its place, where the system allows that (setarch(8); containers may not).
 */
export const wineCommand: readonly [string, ...string[]] =
  spawnSync('setarch', ['-R', 'true'], { stdio: 'ignore' }).status === 0 ? ['setarch', '-R', wineLoader] : [wineLoader]
const wineServer = '/usr/lib/wine/wineserver64'
/** The number is raised when `preparePrefix` changes. */
const prepared = join(cache, 'prefix-2')

/** What every group in `test/windows` needs; add `root` and `ip` where it makes namespaces, `built` where it starts `bin` or `out`. */
export const windowsNeeds = ['wine64', 'x86_64-w64-mingw32-ld', 'windows-node'] as const

export const windowsNodeIsThere = (): boolean => existsSync(windowsNodePath) && existsSync(prepared)

const environmentFor = (prefix: string): NodeJS.ProcessEnv => {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(NODE_(?!COMPILE_CACHE$)|VITEST|PXE_LAB_|npm_|TEST$|PROD$|DEV$)/.test(name),
  )
  return {
    ...Object.fromEntries(inherited),
    WINEPREFIX: prefix,
    WINEDEBUG: '-all',
    DISPLAY: '',
    // File names with umlauts are UTF-8 to Wine only in such a locale.
    LC_ALL: 'C.UTF-8',
    // The profile's Documents and the like are links into HOME.
    HOME: join(prefix, 'home'),
  }
}

/**
 * The one library that what Rust compiles asks for and Wine 8 lacks: `ProcessPrng(buffer, length)`, which is there under the
 * name RtlGenRandom, exported as SystemFunction036.
 */
function makeRandomLibrary(folder: string): void {
  const definition = join(folder, 'bcryptprimitives.def')
  writeFileSync(definition, 'LIBRARY bcryptprimitives.dll\nEXPORTS\nProcessPrng = advapi32.SystemFunction036\n')
  execFileSync('x86_64-w64-mingw32-ld', [
    '-shared', '--entry', '0', '-o', join(folder, 'bcryptprimitives.dll'), definition,
  ]) // prettier-ignore
}

/** Makes the prefix that every instance is copied from: Windows 10, without a desktop. About 15 seconds, once. */
export function preparePrefix(): void {
  if (existsSync(prepared)) return
  const folder = mkdtempSync(join(cache, 'prefix-'))
  const env = environmentFor(folder)
  mkdirSync(env['HOME']!)
  const wine = (...values: string[]): void => {
    const [program, ...rest] = wineCommand
    execFileSync(program, [...rest, ...values], { env, stdio: 'ignore', timeout: 120_000 })
  }
  try {
    wine('wineboot', '-i')
    wine('winecfg', '/v', 'win10')
    // Until the registry is written.
    execFileSync(wineServer, ['-w'], { env, stdio: 'ignore', timeout: 60_000 })
    makeRandomLibrary(join(folder, 'drive_c/windows/system32'))
    // Links out of the profile would lead every copy to the same folders.
    const profile = join(folder, 'drive_c/users')
    for (const entry of readdirSync(profile, { recursive: true, withFileTypes: true }))
      if (entry.isSymbolicLink()) {
        rmSync(join(entry.parentPath, entry.name))
        mkdirSync(join(entry.parentPath, entry.name))
      }
    renameSync(folder, prepared)
  } finally {
    spawnSync(wineServer, ['-k'], { env, timeout: 10_000 })
    rmSync(folder, { recursive: true, force: true })
  }
}

export interface RunOptions {
  /** A folder of Linux; under `drive` it is one on `C:`. */
  readonly cwd?: string
  readonly environment?: NodeJS.ProcessEnv
  /** After these it is ended, with code 124. */
  readonly seconds?: number
}

export class Windows {
  readonly #folder = mkdtempSync(join(tmpdir(), 'pxe-lab-windows-'))
  readonly #prefix = join(this.#folder, 'prefix')
  readonly #environment = environmentFor(this.#prefix)
  readonly #enter: readonly string[]
  readonly #running: Running[] = []
  /** The folder that is `C:\`. */
  readonly drive = join(this.#prefix, 'drive_c')
  /** Stands in for Windows Node's `process.execPath`; limited to three minutes. */
  readonly node = join(this.#folder, 'node')

  constructor(where: { readonly namespace?: string } = {}) {
    this.#enter = where.namespace === undefined ? [] : ['ip', 'netns', 'exec', where.namespace]
    // Of the 700 MB in it all but the registry and the profile stay where they are.
    for (const name of readdirSync(prepared).filter((one) => one !== 'drive_c'))
      cpSync(join(prepared, name), join(this.#prefix, name), { recursive: true, verbatimSymlinks: true })
    mkdirSync(this.drive)
    for (const name of readdirSync(join(prepared, 'drive_c'))) {
      const from = join(prepared, 'drive_c', name)
      if (name === 'windows') symlinkSync(from, join(this.drive, name))
      else cpSync(from, join(this.drive, name), { recursive: true })
    }
    const settings = Object.entries(this.#environment).filter(([name]) =>
      /^(WINE|DISPLAY$|LC_ALL$|HOME$|NODE_COMPILE_CACHE$)/.test(name),
    )
    const quoted = [
      ...settings.map(([name, value]) => `${name}=${value}`),
      `NODE_PATH=${this.path(windowsModules)}`,
      ...this.#command(180, [windowsNodePath, '--no-warnings']),
    ].map((one) => `'${one}'`)
    writeFileSync(this.node, `#!/bin/sh\nexec env -u NODE_EXTRA_CA_CERTS -u NODE_OPTIONS ${quoted.join(' ')} "$@"\n`)
    chmodSync(this.node, 0o755)
    // Stays for a minute after the last program, so that the next one starts at once.
    this.#wineServer('-p60')
  }

  /** A path of Linux as Windows programs see it. */
  path(path: string): string {
    return path.startsWith(`${this.drive}/`) || path === this.drive
      ? `C:${path.slice(this.drive.length).replaceAll('/', '\\') || '\\'}`
      : `Z:${path.replaceAll('/', '\\')}`
  }

  /** Windows Node with these arguments, to its end. */
  run(values: readonly string[], options: RunOptions = {}): Promise<Output> {
    return this.program(windowsNodePath, ['--no-warnings', ...values], options)
  }

  /** Any program of this Windows, to its end; a bare name is one in System32. */
  async program(name: string, values: readonly string[], options: RunOptions = {}): Promise<Output> {
    const running = this.#spawn(name, values, options)
    const code = await running.ended()
    return { code, stdout: running.stdout, stderr: running.stderr }
  }

  /** Windows Node with these arguments, running; `stop` ends it as the task manager does. */
  start(values: readonly string[], options: RunOptions = {}): Running {
    return this.#spawn(windowsNodePath, ['--no-warnings', ...values], options)
  }

  /** Ends every program and the wineserver, and removes the prefix. */
  async close(): Promise<void> {
    await Promise.all(this.#running.map((one) => one.stop()))
    this.#wineServer('-k')
    this.#wineServer('-w')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #command(seconds: number, command: readonly string[]): string[] {
    return [process.execPath, fileURLToPath(new URL('wine-run.ts', import.meta.url)), String(seconds), ...command]
  }

  #spawn(name: string, values: readonly string[], { cwd, environment = {}, seconds = 60 }: RunOptions): Running {
    const [program, ...rest] = [...this.#enter, ...this.#command(seconds, [name, ...values])]
    const running = new Running(
      spawn(program!, rest, {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...this.#environment, NODE_PATH: this.path(windowsModules), ...environment },
        ...(cwd === undefined ? {} : { cwd }),
      }),
      'utf8',
    )
    this.#running.push(running)
    return running
  }

  #wineServer(option: string): void {
    const [program, ...rest] = [...this.#enter, wineServer, option]
    spawnSync(program, rest, { env: this.#environment, stdio: 'ignore', timeout: 20_000 })
  }
}
