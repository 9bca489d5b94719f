import { say } from '#messages/message.ts'
import { t } from '#messages/text.ts'
import { Anchor, Button, Group, Select, Text, Title } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import type { BootFiles, RenderedFile } from '#shared/contract/calls.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { machineVariablesOf, templateTest } from '#shared/lab/machine-variables.ts'
import { call } from '../connection.ts'
import { addressOf } from '../route.ts'
import { attempt, useStore } from '../store.ts'
import { Rich } from '../parts/rich.tsx'
import './machines.css'

interface Shown {
  readonly of: RenderedFile
  readonly who: string
}

/** Machines that the lab file names, and those that were seen. */
function useMachines(lab: Lab): readonly { readonly value: string; readonly label: string }[] {
  const clients = useStore((one) => one.clients)
  const names = new Map<string, string>()
  for (const { mac } of clients.values()) if (!mac.startsWith('at ')) names.set(mac, clients.get(mac)?.name ?? '')
  for (const { mac, hostname } of machineVariablesOf(lab).entries)
    if (mac !== undefined) names.set(mac, hostname ?? names.get(mac) ?? '')
  return [...names].map(([mac, name]) => ({ value: mac, label: name === '' ? mac : `${name} (${mac})` }))
}

function Filled({ of: { name, isTemplate, parts, problems }, who }: Shown): ReactElement {
  const count = parts.filter(({ variable }) => variable !== null).length
  return (
    <div role="status" className="template-preview">
      {problems.length > 0 ? (
        <>
          <Text c="var(--lab-bad)" mt={8}>
            {t('machines-page.does-not-get', { machine: who, file: name })}
          </Text>
          <ul>
            {problems.map((one) => (
              <li key={`${one.line}:${one.column}`}>
                {t('machines-page.line-problem', { line: one.line, problem: one.text, remedy: one.remedy })}
              </li>
            ))}
          </ul>
        </>
      ) : (
        <Text c="dimmed" mt={8}>
          {t('machines-page.placeholders-filled', { file: name, machine: who, count })}
        </Text>
      )}
      {!isTemplate && <Text c="var(--lab-wait)">{t('machines-page.served-add-boot-templates-filled', { name })}</Text>}
      <pre tabIndex={0} aria-label={t('machines-page.text', { name })}>
        {parts.map(({ text, variable }, index) =>
          variable === null ? (
            text
          ) : (
            <mark key={index} title={`{${variable}}`}>
              {text}
            </mark>
          ),
        )}
      </pre>
    </div>
  )
}

/** A template as a machine of the lab would get it. */
export function TemplatePreview({ lab, boot }: { readonly lab: Lab; readonly boot: BootFiles }): ReactElement | null {
  const machines = useMachines(lab)
  const isTemplate = templateTest(lab.boot.templates)
  const texts = boot.files.filter(({ name, kind }) => kind === 'script' || kind === 'configuration' || isTemplate(name))
  const files = [...texts.filter(({ name }) => isTemplate(name)), ...texts.filter(({ name }) => !isTemplate(name))].map(({ name }) => name) // prettier-ignore
  const [file, setFile] = useState<string | null>(null)
  const [mac, setMac] = useState<string | null>(null)
  const [shown, setShown] = useState<Shown>()
  if (files.length === 0) return null
  const chosen = { file: file ?? files[0]!, mac: mac ?? machines[0]?.value }
  const show = async (): Promise<void> => {
    const of = await attempt(t('machines-page.preview'), () =>
      call('templates.render', { name: chosen.file, mac: chosen.mac! }),
    )
    setShown(of && { of, who: machines.find(({ value }) => value === chosen.mac)!.label })
  }
  return (
    <section className="section" aria-label={t('machines-page.templates')}>
      <Title order={2}>{t('machines-page.templates')}</Title>
      <Text size="sm" c="dimmed">
        {lab.boot.templates.length === 0
          ? t('machines-page.no-file-template-boot-templates')
          : t('machines-page.placeholders-filled-each-machine', { templates: lab.boot.templates.join(', ') })}
      </Text>
      <Group mt={8} align="flex-end" component="form" onSubmit={(event) => (event.preventDefault(), void show())}>
        <Select
          label={t('machines-page.file')}
          data={files}
          value={chosen.file}
          onChange={setFile}
          searchable
          allowDeselect={false}
          w={280}
        />
        <Select
          label={t('machines-page.machine-2')}
          data={machines}
          value={chosen.mac ?? null}
          onChange={setMac}
          searchable
          allowDeselect={false}
          placeholder={t('machines-page.none-known-yet')}
          w={280}
        />
        <Button type="submit" variant="default" disabled={chosen.mac === undefined}>
          {t('machines-page.preview')}
        </Button>
      </Group>
      {machines.length === 0 && (
        <Text size="sm" c="dimmed" mt={8}>
          <Rich
            message={say('machines-page.name-machines')}
            tags={{
              file: (text) => (
                <Anchor href={addressOf('settings', 'text')} underline="always">
                  {text}
                </Anchor>
              ),
            }}
          />
        </Text>
      )}
      {shown && <Filled {...shown} />}
    </section>
  )
}
