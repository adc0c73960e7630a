// The text field: CodeMirror with what it needs for SPARQL.

import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
  completionStatus,
  currentCompletions,
  selectedCompletionIndex,
  startCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, toggleComment } from "@codemirror/commands";
import {
  bracketMatching,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  LanguageSupport,
  syntaxHighlighting,
} from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension, Prec } from "@codemirror/state";
import {
  type Command,
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { styleTags, tags } from "@lezer/highlight";
import { SparqlLanguage } from "codemirror-lang-sparql";
import { completer, phraseStart, wasExplicit } from "./_completion";
import { config, say } from "./_config";
import { format } from "./_format";
import { explainTerm, hover } from "./_hover";
import { lint } from "./_lint";
import { phrases } from "./_phrases";
import { missingEdit, withPrefixes } from "./_prefixes";
import type { Fault } from "./_syntax";
import type { Vocabulary } from "./_vocabulary";

// CodeMirror's default style has nothing for these tags.
const language = new LanguageSupport(
  SparqlLanguage.configure({
    props: [
      styleTags({ "Pname_ln Pname_ns": tags.namespace, Langtag: tags.annotation, A_predicate: tags.keyword }),
    ],
  }),
);

const PATIENCE = 1000;

const style = HighlightStyle.define([
  { tag: tags.keyword, class: "tok-keyword" },
  { tag: tags.comment, class: "tok-comment" },
  { tag: tags.string, class: "tok-string" },
  { tag: [tags.integer, tags.float, tags.bool], class: "tok-number" },
  { tag: tags.variableName, class: "tok-variable" },
  { tag: [tags.namespace, tags.url, tags.typeName], class: "tok-name" },
  { tag: tags.annotation, class: "tok-tag" },
]);

/** Lay the query out, with the prefixes that it lacks. */
export const tidy: Command = (view) => {
  const text = view.state.doc.toString();
  const tidied = format(withPrefixes(text, config.prefixes));
  if (tidied === text) return true;
  const head = Math.min(view.state.selection.main.head, tidied.length);
  view.dispatch({
    changes: { from: 0, to: text.length, insert: tidied },
    selection: { anchor: head },
    userEvent: "input.format",
  });
  return true;
};

/** Add the prefixes that what was typed or pasted needs, in the same step: one undo takes both back. */
const prefixed = EditorState.transactionFilter.of((transaction) => {
  if (
    !transaction.docChanged ||
    !transaction.isUserEvent("input") ||
    transaction.isUserEvent("input.type.compose")
  )
    return transaction;
  let hasColon = false;
  transaction.changes.iterChanges((_from, _to, _at, _until, inserted) => {
    hasColon ||= inserted.toString().includes(":");
  });
  const edit = hasColon ? missingEdit(transaction.newDoc.toString(), config.prefixes) : null;
  return edit === null ? transaction : [transaction, { changes: edit, sequential: true }];
});

/** Accept an entry of a list that isn't there yet, if it comes in time and nothing was typed meanwhile. */
function acceptSoon(view: EditorView, before: string, until: number): void {
  window.setTimeout(() => {
    const isSame = view.state.sliceDoc(0, view.state.selection.main.head) === before;
    if (!isSame || performance.now() > until) return;
    if (completionStatus(view.state) === "active") acceptCompletion(view);
    else acceptSoon(view, before, until);
  }, 15);
}

/** Enter accepts an entry only if something was typed or the list was opened by a key; else it breaks the line. */
const enter: Command = (view) => {
  const status = completionStatus(view.state);
  if (status === null) return false;
  const before = view.state.sliceDoc(0, view.state.selection.main.head);
  const isTyped = phraseStart(before) < before.length;
  if (status === "pending") {
    if (!isTyped || currentCompletions(view.state).length === 0) return false;
    acceptSoon(view, before, performance.now() + PATIENCE);
    return true;
  }
  if (isTyped || wasExplicit || (selectedCompletionIndex(view.state) ?? 0) > 0) return acceptCompletion(view);
  closeCompletion(view);
  return false;
};

export interface Wishes {
  readonly parent: HTMLElement;
  readonly vocabulary: () => Vocabulary | null;
  readonly changed: (text: string) => void;
  readonly run: () => void;
  /** Called with what is wrong with a text, each time it was checked. */
  readonly faulty: (text: string, faults: readonly Fault[]) => void;
}

export interface Field {
  readonly view: EditorView;
  /** A fresh state with a text: each tab has its own history. */
  readonly state: (text: string) => EditorState;
}

/** A command of the editor that always applies. */
function ran(run: () => void): () => boolean {
  return () => {
    run();
    return true;
  };
}

export function field({ parent, vocabulary, changed, run, faulty }: Wishes): Field {
  const keys = Prec.highest(
    keymap.of([
      { key: "Mod-Enter", run: ran(run) },
      { key: "Shift-Alt-f", run: tidy },
      { key: "Mod-i", run: explainTerm(vocabulary), preventDefault: true },
      { key: "Mod-/", run: toggleComment },
      { key: "Enter", run: enter },
      { key: "Tab", run: acceptCompletion },
      { key: "Alt-/", run: startCompletion },
    ]),
  );
  const extensions: Extension = [
    config.nonce ? EditorView.cspNonce.of(config.nonce) : [],
    keys,
    prefixed,
    EditorState.phrases.of(phrases),
    lineNumbers(),
    history(),
    drawSelection(),
    EditorState.allowMultipleSelections.of(true),
    indentOnInput(),
    indentUnit.of("  "),
    bracketMatching(),
    closeBrackets(),
    highlightActiveLine(),
    highlightSelectionMatches(),
    EditorView.lineWrapping,
    language,
    syntaxHighlighting(style),
    autocompletion({
      override: [completer(vocabulary)],
      maxRenderedOptions: 60,
      activateOnTypingDelay: 30,
      icons: false,
      interactionDelay: 0,
    }),
    lint(vocabulary, faulty),
    hover(vocabulary),
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...lintKeymap,
    ]),
    EditorView.contentAttributes.of({
      "aria-label": say("editor"),
      "aria-describedby": "editor-keys",
      dir: "ltr",
    }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) changed(update.state.doc.toString());
    }),
  ];
  const state = (text: string) => EditorState.create({ doc: text, extensions });
  return { view: new EditorView({ parent, state: state("") }), state };
}
