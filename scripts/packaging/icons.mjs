// `node scripts/packaging/icons.mjs` draws every icon anew from the two drawings in resources/icons. It needs rsvg-convert, icotool
// and png2icns (Debian: librsvg2-bin, icoutils, icnsutils); the results are committed, so nobody else does.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../node24.mjs'

const icons = join(root, 'resources/icons')
const desktop = join(root, 'resources/desktop')

/** Small sizes have a drawing of their own. */
function draw(size, path) {
  const drawing = join(icons, size <= 24 ? 'small.svg' : 'icon.svg')
  execFileSync('rsvg-convert', ['--width', String(size), '--height', String(size), '--output', path, drawing])
  return path
}

const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-icons-'))
try {
  const at = (size) => draw(size, join(folder, `${size}.png`))
  for (const size of [16, 24, 32, 48, 64, 128, 256, 512]) draw(size, join(icons, `${size}x${size}.png`))
  execFileSync('icotool', ['--create', '--output', join(icons, 'icon.ico'), ...[16, 24, 32, 48, 64].map(at), '--raw', at(256)]) // prettier-ignore
  execFileSync('png2icns', [join(icons, 'icon.icns'), ...[16, 32, 48, 128, 256, 512, 1024].map(at)], {
    stdio: 'ignore',
  })
  draw(256, join(desktop, 'window.png'))
  draw(16, join(desktop, 'tray.png'))
  draw(32, join(desktop, 'tray@2x.png'))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
