/** The documentation: complete, its links lead somewhere, and what is generated is as it would be generated now. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Command } from 'commander'
import { anchorOf, contentsOf, sectionsOf, targetOf, titleOf, type Article } from '#shared/knowledge/articles.ts'
import { sidebarOf, sitePage } from '../../scripts/documents/site-pages.ts'
import { generatedDocuments } from '../../scripts/documents/generated.ts'
import { program } from '../../src/main/cli/index.ts'

const docs = new URL('../../docs/', import.meta.url)
const articles: Article[] = readdirSync(docs, { recursive: true })
  .map((name) => String(name).replaceAll(sep, '/'))
  .filter((name) => name.endsWith('.md'))
  .map((path) => ({ path, text: readFileSync(new URL(path, docs), 'utf8') }))
const find = (path: string): Article | undefined => articles.find((one) => one.path === path)
const withoutCode = (text: string): string => text.replaceAll(/```[^]*?```/g, '').replaceAll(/`[^`\n]*`/g, '')

describe('articles', () => {
  test('each begins with its title, and the contents list each once', () => {
    for (const { path, text } of articles) expect(text, path).toMatch(/^# \S/)
    const listed = contentsOf(find('README.md')!.text).flatMap((group) => group.articles.map((one) => one.path))
    expect(listed.sort()).toEqual(articles.map((one) => one.path).filter((path) => path !== 'README.md').sort())
  }) // prettier-ignore

  test.each(articles)('the links of $path lead somewhere', ({ path, text }) => {
    for (const [, href] of withoutCode(text).matchAll(/\]\(([^)]+)\)/g)) {
      const target = targetOf(path, href!)
      if (target.kind === 'file') expect(existsSync(new URL(`../${target.path}`, docs)), href).toBe(true)
      if (target.kind !== 'article') continue
      const article = find(target.path)
      expect(article, href).toBeDefined()
      if (target.anchor !== undefined)
        expect(sectionsOf(article!).map((one) => one.anchor), href).toContain(target.anchor) // prettier-ignore
    }
  })

  test('what is generated is up to date: node scripts/documents.ts', () => {
    for (const [path, text] of generatedDocuments()) expect(find(path)?.text === text, `docs/${path}`).toBe(true)
  })

  test('the commands that are printed exist, with their options', () => {
    const problems: string[] = []
    let count = 0
    for (const { path, text } of articles.filter((one) => one.path.startsWith('guide/')))
      for (const [, line] of text.matchAll(/^ *(?:\$ )?pxe-lab (.+)$/gm)) {
        count++
        const parts = line!.split(/\s+/)
        let command: Command = program
        for (
          let own: Command | undefined;
          (own = command.commands.find((one) => one.name() === parts[0]));
          parts.shift()
        )
          command = own
        if (command === program) problems.push(`${path}: no command: ${line}`)
        for (const part of parts.filter((one) => one.startsWith('-')))
          if (!command.options.some((one) => one.long === part || one.short === part))
            problems.push(`${path}: ${part} is no option of ${command.name()}`)
      }
    expect(problems).toEqual([])
    expect(count).toBeGreaterThan(20)
  })

  test('the site has a page for each article, with its title and links to pages', () => {
    const pages = articles.map(sitePage)
    const slugs = new Set(pages.map((one) => one.path.replace(/(?:index)?\.md$/, '')))
    expect(slugs.size).toBe(articles.length)
    for (const { path, text } of pages) {
      expect(text, path).toMatch(/^---\ntitle: ".+"\n---\n/)
      const own = path.replace(/(?:index)?\.md$/, '')
      for (const [, href] of withoutCode(text).matchAll(/\]\(([^)]+)\)/g)) {
        if (/^[a-z]+:/.test(href!)) continue
        const { pathname } = new URL(href!, `http://site/${own === '' ? '' : `${own}/`}`)
        expect(slugs, `${path}: ${href}`).toContain(pathname.replaceAll(/^\/|\/$/g, ''))
      }
    }
    const listed = JSON.stringify(sidebarOf(find('README.md')!.text)).matchAll(/"slug":"([^"]+)"/g)
    expect([...listed].every(([, slug]) => slugs.has(slug!))).toBe(true)
  })

  test('a link of an article is an article, a file of the repository, or outside', () => {
    expect(targetOf('guide/relays.md', '../reference/scenarios.md#a-b')).toEqual({ kind: 'article', path: 'reference/scenarios.md', anchor: 'a-b' })
    expect(targetOf('guide/relays.md', '#here')).toEqual({ kind: 'article', path: 'guide/relays.md', anchor: 'here' })
    expect(targetOf('guide/beside-wds.md', '../labs/wds.yaml')).toEqual({ kind: 'file', path: 'docs/labs/wds.yaml' })
    expect(targetOf('guide/beside-wds.md', '../../resources/sites')).toEqual({ kind: 'file', path: 'resources/sites' })
    expect(targetOf('README.md', 'https://example.com/a')).toEqual({ kind: 'outside', address: 'https://example.com/a' })
  }) // prettier-ignore

  test('anchors are those of GitHub', () => {
    expect(anchorOf('What goes wrong')).toBe('what-goes-wrong')
    expect(anchorOf('WDS is stopped, but option 60 still announces it')).toBe('wds-is-stopped-but-option-60-still-announces-it') // prettier-ignore
    expect(titleOf({ path: 'x.md', text: '# A `b`\n' })).toBe('A `b`')
    const twice = sectionsOf({ path: 'x.md', text: '# A\n## B\ntext\n## B\n```\n# no heading\n```\n' })
    expect(twice.map((one) => one.anchor)).toEqual(['a', 'b', 'b-1'])
  })
})
