/** The text editor itself, which is large: `text-editor.tsx` loads it where somebody edits a text. */
import { t } from '#messages/text.ts'
import { autocompletion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete'
import { yaml } from '@codemirror/lang-yaml'
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language'
import { shell } from '@codemirror/legacy-modes/mode/shell'
import { setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { Annotation, Compartment, EditorState, type Text } from '@codemirror/state'
import { EditorView, placeholder as placeholderOf } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { basicSetup } from 'codemirror'
import { useEffect, useRef, type ReactElement } from 'react'
import { proposeYaml, type SchemaNode } from '#shared/lab/completions.ts'

export interface TextProblem {
  /** Counted from 1; 0 where it concerns the whole text. */
  readonly line: number
  readonly column: number
  readonly message: string
}

export interface TextEditorProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly language: 'yaml' | 'ipxe' | 'plain'
  /** Marked in the text as they are written down there. */
  readonly problems?: readonly TextProblem[]
  /** What a YAML text may say, for completion. */
  readonly schema?: SchemaNode
  readonly placeholder?: string
  /** A line to go to; another object goes there again. */
  readonly goTo?: { readonly line: number } | undefined
}

const look = EditorView.theme({
  '&': { height: '100%', fontSize: '12px', backgroundColor: 'var(--mantine-color-body)', color: 'inherit' },
  '&.cm-focused': { outline: '2px solid var(--mantine-primary-color-filled)', outlineOffset: '-1px' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '1.5' },
  '.cm-content': { caretColor: 'currentColor' },
  '.cm-cursor': { borderLeftColor: 'currentColor' },
  '.cm-gutters': { backgroundColor: 'var(--lab-ground)', color: 'var(--lab-quiet)', borderRight: '1px solid var(--lab-line)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, currentColor 4%, transparent)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--lab-selected)',
  },
  '.cm-tooltip': { backgroundColor: 'var(--mantine-color-body)', border: '1px solid var(--lab-line)', color: 'inherit' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--lab-selected)', color: 'inherit' },
  '.cm-completionDetail': { color: 'var(--lab-quiet)', fontStyle: 'normal' },
  '.cm-completionInfo': { maxWidth: '320px' },
  '.cm-panels': { backgroundColor: 'var(--lab-ground)', color: 'inherit' },
  '.cm-placeholder': { color: 'var(--lab-quiet)' },
}) // prettier-ignore

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--lab-dhcp)' },
  { tag: [tags.string, tags.content], color: 'inherit' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--lab-tftp)' },
  { tag: [tags.comment, tags.meta, tags.punctuation], color: 'var(--lab-quiet)' },
  { tag: [tags.keyword, tags.standard(tags.name)], color: 'var(--lab-pxe)' },
])

/** What the editor itself says, by its English. */
const phrases = EditorState.phrases.of({
  Find: t('editor.find'),
  Replace: t('editor.replace'),
  next: t('editor.next'),
  previous: t('editor.previous'),
  all: t('editor.all'),
  'match case': t('editor.match-case'),
  regexp: t('editor.regexp'),
  'by word': t('editor.by-word'),
  replace: t('editor.replace-one'),
  'replace all': t('editor.replace-all'),
  close: t('editor.close'),
  'current match': t('editor.current-match'),
  'on line': t('editor.on-line'),
  'replaced match on line $': t('editor.replaced-match'),
  'replaced $ matches': t('editor.replaced-matches'),
  'Go to line': t('editor.go-to-line'),
  go: t('editor.go'),
  'Folded lines': t('editor.folded-lines'),
  'Unfolded lines': t('editor.unfolded-lines'),
  to: t('editor.to'),
  'folded code': t('editor.folded-code'),
  unfold: t('editor.unfold'),
  'Fold line': t('editor.fold-line'),
  'Unfold line': t('editor.unfold-line'),
  Diagnostics: t('editor.diagnostics'),
  'No diagnostics': t('editor.no-diagnostics'),
  Completions: t('editor.completions'),
  'Control character': t('editor.control-character'),
  'Selection deleted': t('editor.selection-deleted'),
})

/** Not by the hand of whoever types. */
const fromOutside = Annotation.define<boolean>()

const proposing =
  (schema: SchemaNode) =>
  (context: CompletionContext): CompletionResult | null => {
    const { from, proposed } = proposeYaml(context.state.doc.toString(), context.pos, schema)
    // Unasked only behind a letter, or where a value is to come.
    const isBegun = from < context.pos || /[:{[,-] $/.test(context.state.sliceDoc(Math.max(0, context.pos - 2), context.pos)) // prettier-ignore
    if (proposed.length === 0 || (!context.explicit && !isBegun)) return null
    return {
      from,
      options: proposed.map(({ label, detail, text }) => ({ label, apply: text, ...(detail === '' ? {} : { info: detail }) })), // prettier-ignore
      validFor: /^[\w-]*$/,
    }
  }

function diagnosticsOf(problems: readonly TextProblem[], document: Text): Diagnostic[] {
  return problems.flatMap(({ line, column, message }) => {
    if (line < 1 || line > document.lines) return []
    const found = document.line(line)
    const from = Math.min(found.from + Math.max(0, column - 1), found.to)
    return [{ from, to: Math.max(from, found.to), severity: 'error' as const, message }]
  })
}

export function CodeMirror({
  label,
  value,
  onChange,
  language,
  problems = [],
  schema,
  placeholder,
  goTo,
}: TextEditorProps): ReactElement {
  const box = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const changed = useRef(onChange)
  const completion = useRef(new Compartment())
  useEffect(() => {
    changed.current = onChange
  }, [onChange])
  // Made once: what changes later is told to it below.
  useEffect(() => {
    const made = new EditorView({
      parent: box.current!,
      state: EditorState.create({
        doc: value,
        extensions: [
          basicSetup,
          phrases,
          look,
          syntaxHighlighting(colours),
          language === 'yaml' ? yaml() : language === 'ipxe' ? StreamLanguage.define(shell) : [],
          completion.current.of([]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
          placeholder === undefined ? [] : placeholderOf(placeholder),
          // Lines end as they did.
          value.includes('\r\n') ? EditorState.lineSeparator.of('\r\n') : [],
          EditorView.updateListener.of((update) => {
            const isOwn = update.transactions.every((one) => one.annotation(fromOutside) !== true)
            if (update.docChanged && isOwn) changed.current(update.state.sliceDoc())
          }),
        ],
      }),
    })
    view.current = made
    return () => made.destroy()
  }, [language, label])
  useEffect(() => {
    const made = view.current
    if (!made || made.state.sliceDoc() === value) return
    made.dispatch({
      changes: { from: 0, to: made.state.doc.length, insert: value },
      annotations: fromOutside.of(true),
    })
  }, [value])
  useEffect(() => {
    view.current?.dispatch({
      effects: completion.current.reconfigure(schema ? autocompletion({ override: [proposing(schema)] }) : []),
    })
  }, [schema, language, label])
  useEffect(() => {
    const made = view.current
    if (made) made.dispatch(setDiagnostics(made.state, diagnosticsOf(problems, made.state.doc)))
  }, [problems, language, label])
  useEffect(() => {
    const made = view.current
    if (!made || !goTo || goTo.line < 1 || goTo.line > made.state.doc.lines) return
    const { from, to } = made.state.doc.line(goTo.line)
    made.dispatch({ selection: { anchor: from, head: to }, scrollIntoView: true })
    made.focus()
  }, [goTo])
  return <div ref={box} className="text-editor" />
}
