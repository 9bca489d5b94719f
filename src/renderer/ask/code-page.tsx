import { t, textOf } from '#messages/text.ts'
import { Anchor, Text, Title } from '@mantine/core'
import { useMemo, type ReactElement, type ReactNode } from 'react'
import { percent } from '#shared/diagnosis/inverse/report.ts'
import type { Space } from '#shared/diagnosis/inverse/space.ts'
import { familyTitles, type Code } from '#shared/knowledge/code-book.ts'
import { codePage, mostCausesShown, type CodePage, type LikelyCause } from '#shared/knowledge/code-page.ts'
import { codesPath } from '#shared/knowledge/documents.ts'
import { HelpLink } from '../help/help-link.tsx'
import { WithTerms } from '../help/term.tsx'
import { Copyable } from '../parts/copyable.tsx'
import { addressOf } from '../route.ts'
import './code-page.css'

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactElement {
  return (
    <>
      <Title order={3} mt="sm">
        {title}
      </Title>
      {children}
    </>
  )
}

function CauseItem({ cause, isFirst }: { readonly cause: LikelyCause; readonly isFirst: boolean }): ReactElement {
  const { title, share, fix, commands, scenario, checks } = cause
  return (
    <details className="code-cause" open={isFirst}>
      <summary>
        <span className="ask-share">{percent(share)}</span> {title}
      </summary>
      <ul className="ask-how">
        {fix.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      {commands.map((one) => (
        <div key={one} className="ask-command">
          <Copyable text={one} />
        </div>
      ))}
      <Text size="sm" className="code-links">
        {scenario !== undefined && <Anchor href={addressOf('simulator', scenario)}>{t('ask.play-2')}</Anchor>}
        {checks.map((one) => (
          <Anchor key={one.id} href={addressOf('doctor')}>
            {t('ask.doctor-says', { finding: textOf(one.title) })}
          </Anchor>
        ))}
      </Text>
    </details>
  )
}

function Meaning({ code, lines }: Pick<CodePage, 'code' | 'lines'>): ReactElement {
  const isPxe = code.family === 'pxe' && !/^PXE-[TM]/.test(code.code)
  const rows: readonly (readonly [string, string | undefined])[] = isPxe
    ? [
        [t('ask.on-bios'), code.bios === undefined ? t('ask.not-used') : code.bios],
        [t('ask.on-uefi'), code.uefi === undefined ? t('ask.not-used') : code.uefi],
      ]
    : code.family === 'pxe'
      ? [[t('ask.on-bios'), code.bios]]
      : [[t('ask.meaning'), code.title]]
  const others = code.spellings
    .filter((one) => code.family !== 'pxe' && !/^(?:EFI status|800000)/.test(one))
    .slice(0, 5)
  return (
    <dl className="ask-meaning">
      {rows.map(([label, text]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <WithTerms text={sentence(text ?? '')} />
          </dd>
        </div>
      ))}
      {lines.length > 0 && (
        <div>
          <dt>{t('ask.screen')}</dt>
          <dd>
            {lines.map(({ firmware, line }) => (
              <div key={firmware + line}>
                <span className="mono">{line}</span> <Text component="span" size="xs" c="dimmed">{firmware}</Text>
              </div>
            ))}
          </dd>
        </div>
      )}
      {code.look !== undefined && (
        <div>
          <dt>{t('ask.look')}</dt>
          <dd>{code.look}</dd>
        </div>
      )}
      {others.length > 0 && (
        <div>
          <dt>{t('ask.also-written')}</dt>
          <dd className="mono">{others.join(', ')}</dd>
        </div>
      )}
    </dl>
  ) // prettier-ignore
}

/** All that is known of a code: what it means by firmware, likely causes, who plays it, who finds it, the fix, notes. */
export function CodeSection({ space, code }: { readonly space: Space; readonly code: Code }): ReactElement {
  const page = useMemo(() => codePage(code, space), [code, space])
  const { lines, causes, scenarios, failures, notes } = page
  const said = page.signatures.filter(({ id }) => !id.startsWith('screen-'))
  const further = failures.flatMap((one) => one.causes)
  return (
    <section className="section code-page" aria-label={code.code}>
      <Text size="xs" c="dimmed">
        {textOf(familyTitles[code.family])}
      </Text>
      <Title order={2} className="mono code-name">
        {code.code}
      </Title>
      <Meaning code={code} lines={lines} />
      {causes.length > 0 && (
        <Part title={t('ask.likely-causes-their-fix')}>
          <Text size="sm">
            <Anchor
              component="button"
              type="button"
              onClick={() => document.querySelector('.ask')?.scrollIntoView({ block: 'start' })}
            >
              {t('ask.answer-questions-find-yours')}
            </Anchor>
          </Text>
          {causes.slice(0, mostCausesShown).map((one, at) => (
            <CauseItem key={`${one.title} ${at}`} cause={one} isFirst={at === 0} />
          ))}
        </Part>
      )}
      {further.length > 0 && (
        <Part title={causes.length > 0 ? t('ask.captures-show-behind') : t('ask.likely-causes')}>
          <ul className="ask-how">
            {further.slice(0, 8).map((one) => (
              <li key={one}>
                <WithTerms text={one} />
              </li>
            ))}
          </ul>
        </Part>
      )}
      {said.length > 0 && (
        <Part title={t('ask.logs-screens')}>
          <ul className="ask-how">
            {said.slice(0, 12).map(({ id, families, title, means, fix }) => (
              <li key={`${families[0]} ${id}`}>
                <b>{textOf(title())}.</b> {textOf(means?.())} {textOf(fix?.())}
              </li>
            ))}
          </ul>
        </Part>
      )}
      {notes.length > 0 && (
        <Part title={t('ask.notes-field')}>
          <ul className="ask-how">
            {notes.map((one) => (
              <li key={one}>
                <WithTerms text={one} />
              </li>
            ))}
          </ul>
        </Part>
      )}
      {scenarios.length > 0 && (
        <Text size="sm" mt="sm">
          {t('ask.played-by')}{' '}
          {scenarios.map(({ id, title }, index) => (
            <span key={id}>
              {index > 0 && ', '}
              <Anchor size="sm" href={addressOf('simulator', id)}>
                {textOf(title)}
              </Anchor>
            </span>
          ))}
          .
        </Text>
      )}
      <Text size="sm" mt="sm">
        <HelpLink path={codesPath(code.family)} anchor={code.code.toLowerCase()}>
          {t('ask.all-codes-kind')}
        </HelpLink>
      </Text>
    </section>
  )
}
