/**
 * Lessons as a package of SCORM 1.2 (ADL, SCORM Content Aggregation Model 1.2, section 2): a manifest, and the page of a lesson with what it is
 * made of. Each lesson is an item of its own, so that a learning platform keeps score, time, place and state of each.
 */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
// Its form for Node declares a `require` of its own, which no bundle of ES modules can hold beside that of the bundler.
import { strToU8, zipSync, type Zippable } from 'fflate/browser'

export interface PackedLesson {
  /** `own` is the lesson of the package itself, `lesson.json`. */
  readonly id: string
  readonly title: string
}

export interface ScormPackage {
  readonly title: string
  readonly lessons: readonly PackedLesson[]
  readonly isBlind: boolean
  /** A lesson that does not come with the program, as JSON. */
  readonly own?: string
}

const page = 'scorm.html'
/** The same lessons make the same bytes. */
const made = new Date('2000-01-01T00:00:00Z')

/** Characters that XML 1.0 has no way to write (section 2.2) are left out. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')

/** The page and every file that it leads to, by path; files of a build are called by names that nothing else is called. */
async function playerFiles(pages: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const assets = await readdir(join(pages, 'assets'))
  const messages = await readdir(join(pages, 'messages'))
  const found = new Map<string, Uint8Array>()
  const waiting = [page]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue
    const bytes = await readFile(join(pages, path))
    found.set(path, bytes)
    if (!/\.(html|js|css)$/.test(path)) continue
    const text = bytes.toString('utf8')
    for (const name of assets) if (text.includes(name)) waiting.push(`assets/${name}`)
    for (const name of messages) if (text.includes(`messages/${name}`)) waiting.push(`messages/${name}`)
  }
  return found
}

function manifestOf({ title, lessons, isBlind }: ScormPackage, files: readonly string[]): string {
  const items = lessons.map(
    ({ id, title: name }) =>
      `      <item identifier="item-${id}" identifierref="player" isvisible="true" parameters="?lesson=${id}${isBlind ? '&amp;blind=1' : ''}">
        <title>${escaped(name)}</title>
      </item>`,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="pxe-lab-lessons" version="1.0" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.imsproject.org/xsd/imscp_rootv1p1p2 imscp_rootv1p1p2.xsd http://www.adlnet.org/xsd/adlcp_rootv1p2 adlcp_rootv1p2.xsd">
  <metadata>
    <schema>ADL SCORM</schema>
    <schemaversion>1.2</schemaversion>
  </metadata>
  <organizations default="lessons">
    <organization identifier="lessons">
      <title>${escaped(title)}</title>
${items.join('\n')}
    </organization>
  </organizations>
  <resources>
    <resource identifier="player" type="webcontent" adlcp:scormtype="sco" href="${page}">
${files.map((path) => `      <file href="${path}"/>`).join('\n')}
    </resource>
  </resources>
</manifest>
`
}

/** The package as a zip file. `pages` is the folder of the built pages. */
export async function scormPackage(pages: string, wanted: ScormPackage): Promise<Uint8Array> {
  const files = new Map(await playerFiles(pages))
  if (wanted.own !== undefined) files.set('lesson.json', strToU8(wanted.own))
  const manifest = manifestOf(wanted, [...files.keys()].toSorted())
  const packed: Zippable = { 'imsmanifest.xml': [strToU8(manifest), { mtime: made }] }
  // Fonts are compressed already.
  for (const [path, bytes] of files) packed[path] = [bytes, { mtime: made, level: path.endsWith('.woff2') ? 0 : 6 }]
  return zipSync(packed)
}
