// `node scripts/winget.mjs DOWNLOADS [FOLDER]`: fills the winget manifests in resources/winget for the installers in FOLDER
// (dist/packages), which people will download below the address DOWNLOADS. Writes into FOLDER/winget.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { root } from './node24.mjs'

const [downloads, folder = join(root, 'dist/packages')] = process.argv.slice(2)
const fail = (text) => {
  process.stderr.write(`${text}\n`)
  process.exit(64)
}
if (downloads === undefined || !URL.canParse(downloads) || !downloads.startsWith('https://'))
  fail('Name the https address below which the installers can be downloaded: node scripts/winget.mjs https://...')

const { version, homepage } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const hashOf = (processor) => {
  const file = resolve(folder, `pxe-lab-${version}-win-${processor}-setup.exe`)
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex').toUpperCase()
  } catch {
    return fail(`${file} is not there. Make it with: npm run package -- --win nsis`)
  }
}
const values = {
  version,
  homepage,
  downloads: downloads.replace(/\/$/, ''),
  'sha256-x64': hashOf('x64'),
  'sha256-arm64': hashOf('arm64'),
}
const templates = join(root, 'resources/winget')
mkdirSync(join(folder, 'winget'), { recursive: true })
for (const name of readdirSync(templates)) {
  const text = readFileSync(join(templates, name), 'utf8').replaceAll(/\{([\w-]+)\}/g, (_, key) => values[key])
  writeFileSync(join(folder, 'winget', name === 'version.yaml' ? 'PXELab.PXELab.yaml' : `PXELab.PXELab.${name}`), text)
}
