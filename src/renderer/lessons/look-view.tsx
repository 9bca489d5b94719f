import { Anchor, Text, Title } from '@mantine/core'
import { useEffect, useRef, type ReactElement } from 'react'
import type { Look } from '#shared/lessons/engine.ts'
import { textOf, t } from '#messages/text.ts'
import { fragmentOf } from '../simulator/shared-step.ts'

const looks: Readonly<Record<string, string>> = { bios: 'bios', ipxe: 'bios' }

/** The packets of a machine up to a step, and what stands on its screen by then. */
export function LookView({ look, mayOpen }: { readonly look: Look; readonly mayOpen: boolean }): ReactElement {
  const last = useRef<HTMLLIElement>(null)
  const { input, changes, client, step } = look
  useEffect(() => {
    last.current?.scrollIntoView?.({ block: 'nearest' })
  }, [look])
  return (
    <section className="lesson-look" aria-label={t('lesson.look', { name: look.name })} tabIndex={0}>
      <Title order={2} size="h5">
        {t('lesson.packets-of', { name: look.name })}
      </Title>
      <ol className="lesson-packets">
        {look.steps.map(({ at, what, sentence }, index) => {
          const isLast = index === look.steps.length - 1
          return (
            // oxlint-disable-next-line react/no-array-index-key -- the same packet may come at the same time
            <li key={index} ref={isLast ? last : undefined} aria-current={isLast ? 'step' : undefined}>
              <span className="lesson-time">{t('lesson.at', { seconds: at / 1000 })}</span>
              <span>
                {textOf(what)}
                {isLast && (
                  <Text size="xs" component="div">
                    {textOf(sentence)}
                  </Text>
                )}
              </span>
            </li>
          )
        })}
      </ol>
      <Title order={2} size="h5" mb={6}>
        {t('lesson.screen-of', { name: look.name })}
      </Title>
      <pre
        className="client-screen"
        data-look={looks[look.family] ?? 'uefi'}
        aria-label={t('lesson.screen-of', { name: look.name })}
        tabIndex={0}
      >
        {look.screen.join('\n')}
      </pre>
      {mayOpen && (
        <Anchor size="sm" href={fragmentOf({ input, changes, client, step })}>
          {t('lesson.open-in-simulator')}
        </Anchor>
      )}
    </section>
  )
}
