/** The npm package: made by `npm pack` in a copy of the sources, installed into an empty folder, and run from there. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageFolderOf } from '../../scripts/packaging/notices.ts'
import { dhclient } from '../helpers/dhclient.ts'
import { labWireForEachTest } from '../helpers/lab-wire.ts'
import { describeWith } from '../helpers/requirements.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const work = mkdtempSync(join(tmpdir(), 'pxe-lab-npm-'))
const copy = join(work, 'sources')
const installed = join(work, 'installed/node_modules/pxe-lab')
const program = join(installed, 'bin/pxe-lab.js')
afterAll(() => rmSync(work, { recursive: true, force: true }))

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
const npm = (folder: string, ...values: string[]): string =>
  execFileSync('npm', values, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
    // What an outer `npm test` has set for itself is not for this one.
    env: Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) || /cache|registry/i.test(name)),
    ),
  })

interface Packed {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}
let packed: Packed

describeWith(['built'], 'the npm package', () => {
  beforeAll(() => {
    const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
    })
    // The rules are needed: the build begins with that of the layers.
    for (const file of listed.split('\n').filter((one) => one !== '' && !/^(docs|test\/(?!rules|helpers))/.test(one))) {
      const from = join(root, file)
      if (!statSync(from, { throwIfNoEntry: false })) continue
      mkdirSync(dirname(join(copy, file)), { recursive: true })
      cpSync(from, join(copy, file))
    }
    // `npm ci` must not run through this link: the installation has to be the one of this lock file.
    expect(readFileSync(join(root, 'node_modules/.pxe-lab-installed'), 'utf8')).toBe(
      hashOf(join(root, 'package-lock.json')),
    )
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')

    const output = npm(copy, 'pack', '--json', '--pack-destination', work)
    const described = JSON.parse(output.slice(output.search(/^[[{]\s*$/m))) as Packed[] | Record<string, Packed>
    packed = Object.values(described)[0]!
    mkdirSync(join(work, 'installed'))
    npm(join(work, 'installed'), 'install', '--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', join(work, packed.filename)) // prettier-ignore
  })

  test('holds what runs, built by itself, and nothing else', () => {
    const files = packed.files.map((one) => one.path)
    for (const wanted of [
      'bin/pxe-lab.js',
      'out/main/cli.js',
      'out/renderer/index.html',
      'out/THIRD-PARTY-NOTICES.txt',
      'resources/collect-facts.ps1',
      'resources/lab.schema.json',
      'README.md',
      'LICENSE',
    ])
      // prettier-ignore
      expect(files).toContain(wanted)
    const allowed =
      /^(bin\/|out\/(main|preload|renderer)\/|out\/THIRD-PARTY-NOTICES\.txt$|resources\/|scripts\/(node24|stop)\.mjs$|(README\.md|LICENSE|package\.json)$)/
    expect(files.filter((file) => !allowed.test(file) || /\.(tsx?|map)$|icons\//.test(file))).toEqual([])
    expect(packed.size).toBeLessThan(5 << 20)
  })

  test('needs koffi at run time, and no other package', () => {
    const names = readdirSync(join(work, 'installed/node_modules')).filter((one) => !one.startsWith('.'))
    expect(names.sort()).toEqual(['@koromix', 'koffi', 'pxe-lab'])
  })

  test('says who made it and where it lives', () => {
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Record<string, unknown>
    expect(manifest).toMatchObject({
      productName: 'PXE Lab',
      license: 'MIT',
      homepage: expect.stringMatching(/^https:/),
      repository: { type: 'git', url: expect.stringMatching(/^git\+https:/) },
      bugs: { url: expect.stringMatching(/^https:/) },
      keywords: expect.arrayContaining(['pxe', 'tftp']),
    })
  })

  test('decodes a capture', () => {
    const capture = join(root, 'test/fixtures/captures/binl-bios-ipxe.pcap')
    expect(execFileSync(process.execPath, [program, 'decode', capture], { cwd: work, encoding: 'utf8' })).toMatch(
      /DISCOVER[\s\S]*OFFER/,
    )
  })

  test.each([
    ['en_GB', 'sent DHCPDISCOVER'],
    ['de_AT', 'sendete DHCPDISCOVER'],
    ['es_MX', 'envió DHCPDISCOVER'],
    ['fr_CA', 'a envoyé DHCPDISCOVER'],
    ['ja_JP', 'が DHCPDISCOVER を送信しました'],
    ['zh_CN', '发送了 DHCPDISCOVER'],
  ])('speaks to %s', (locale, says) => {
    const capture = join(root, 'test/fixtures/captures/binl-bios-ipxe.pcap')
    const env = { ...process.env, LC_ALL: `${locale}.UTF-8`, PXE_LAB_LANGUAGE: '' }
    expect(
      execFileSync(process.execPath, [program, 'explain', capture], { cwd: work, encoding: 'utf8', env }),
    ).toContain(says)
  })

  test('lists every package that the source maps of a build name, each with its licence', () => {
    execFileSync(
      process.execPath,
      [join(root, 'node_modules/electron-vite/bin/electron-vite.js'), 'build', '--sourcemap', '--logLevel', 'error'],
      { cwd: copy, stdio: 'pipe' },
    )
    const maps = filesBelow(join(copy, 'out')).filter((file) => file.endsWith('.map'))
    const sources = maps.flatMap((file) => {
      const { sources: names } = JSON.parse(readFileSync(file, 'utf8')) as { sources: readonly (string | null)[] }
      return names.map((name) => `/${name ?? ''}`)
    })
    const fonts = new Map(
      ['inter', 'jetbrains-mono'].flatMap((name) => {
        const folder = join(root, 'node_modules/@fontsource-variable', name)
        return filesBelow(folder)
          .filter((file) => file.endsWith('.woff2'))
          .map((file) => [hashOf(file), folder] as const)
      }),
    )
    const shippedFonts = filesBelow(join(installed, 'out/renderer')).filter((file) => file.endsWith('.woff2'))
    expect(shippedFonts.length).toBeGreaterThan(0)
    const used = new Set([
      ...sources.map(packageFolderOf).filter((one) => one !== undefined),
      ...shippedFonts.map((file) => fonts.get(hashOf(file)) ?? `${file} is of no package`),
      '/node_modules/koffi',
    ])
    expect(used.size).toBeGreaterThan(30)

    const entries = readFileSync(join(installed, 'out/THIRD-PARTY-NOTICES.txt'), 'utf8').split(/\n\n-{80}\n\n/)
    const missing = [...used].filter((folder) => {
      const name = folder.replace(/^.*\/node_modules\//, '')
      return !entries.some((entry) => entry.startsWith(`${name} `) && entry.length > 500)
    })
    expect(missing).toEqual([])
  })
})

describeWith(['built', 'root', 'ip', 'dhclient', 'curl'], 'the installed npm package on a network', () => {
  const { network, folder, here, there } = labWireForEachTest()

  test('respond gives an address and a file', async () => {
    folder
      .write({
        interface: 'srv0',
        mode: 'dhcp',
        allowOtherServers: true,
        dhcp: { subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.0', end: '10.77.1.9' }] }] },
      })
      .put('boot.bin', 'from the package')
    const responder = network.start(here, process.execPath, [program, 'respond', '-c', folder.file, '--json'])
    await responder.sees(/"type":"ready"/)
    // The workers and koffi are those of the package.
    expect(responder.output).not.toMatch(/koffi/i)
    expect(await dhclient(network, there, 'cli0', folder.root)).toMatch(/DHCPACK of 10\.77\.1\.0 from 10\.77\.0\.1/)
    const file = await network.exec(there, 'curl', ['-sS', 'tftp://10.77.0.1/boot.bin'])
    expect(file).toMatchObject({ code: 0, stdout: 'from the package' })
    expect(await responder.stop()).toBe(0)
  })

  test('serve shows its pages', async () => {
    const served = network.start(here, process.execPath, [program, 'serve', '--config', folder.file, '--port', '0'])
    const [, url] = await served.sees(/PXE Lab is at (\S+)/)
    const page = await network.exec(here, 'curl', ['-sS', url!])
    expect(page.stdout).toContain('<title>PXE Lab</title>')
    const [script] = /\/?assets\/[^"]+\.js/.exec(page.stdout) ?? []
    const answer = await network.exec(here, 'curl', [
      '-sS',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      new URL(script!, url).href,
    ])
    expect(answer.stdout).toBe('200')
    expect(await served.stop()).toBe(0)
  })
})
