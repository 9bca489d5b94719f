// Builds the documentation as a site into out/documentation: `npm run build:docs`. The packages of the site are its own.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  galleryEntry,
  galleryIds,
  galleryIndex,
  gallerySidebar,
  linkedScenarios,
  type GalleryEntry,
} from './documents/gallery.ts'
import { sidebarOf, sitePage } from './documents/site-pages.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const site = join(root, 'site')
const pages = join(site, 'src/content/docs')

/** Writes below a folder, and makes what leads there. */
function put(folder: string, path: string, content: string | Uint8Array): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}

rmSync(pages, { recursive: true, force: true })
rmSync(join(site, 'public/boots'), { recursive: true, force: true })
// One after another: a capture of a large file is some megabytes.
const ids = galleryIds()
const gallery: Pick<GalleryEntry, 'id' | 'scenario'>[] = []
for (const [index, id] of ids.entries()) {
  if (process.stdout.isTTY) process.stdout.write(`\rGallery of boots: ${index + 1} of ${ids.length} `)
  const { scenario, page, files } = galleryEntry(id)
  put(pages, `gallery/${id}.md`, page)
  for (const { path, content } of files) put(join(site, 'public'), path, content)
  gallery.push({ id, scenario })
}
process.stdout.write(`${process.stdout.isTTY ? '\r' : ''}Gallery of boots: ${ids.length} scenarios\n`)
put(pages, 'gallery/index.md', galleryIndex(gallery))
const names = readdirSync(join(root, 'docs'), { recursive: true }).map((name) => String(name).replaceAll(sep, '/'))
for (const path of names.filter((name) => name.endsWith('.md'))) {
  const page = sitePage({ path, text: readFileSync(join(root, 'docs', path), 'utf8') })
  put(pages, page.path, path === 'reference/scenarios.md' ? linkedScenarios(page.text, ids) : page.text)
}
const readme = readFileSync(join(root, 'docs/README.md'), 'utf8')
writeFileSync(join(site, 'sidebar.json'), JSON.stringify([...sidebarOf(readme), gallerySidebar(gallery)], null, 2))

const run = (command: string, args: readonly string[]): void => {
  const { status, error } = spawnSync(command, args, {
    cwd: site,
    stdio: 'inherit',
    // On Windows npm is a script.
    shell: process.platform === 'win32' && command === 'npm',
    env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' },
  })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}
if (!existsSync(join(site, 'node_modules/astro'))) run('npm', ['ci', '--no-audit', '--no-fund'])
run(process.execPath, [join(site, 'node_modules/astro/bin/astro.mjs'), 'build'])
