// The conclusion under the reader's edits: the same steps as the centre's own, so that the page shows at once what will
// be signed. The list of edits is what is kept; undoing takes the last one off.

/** Lines after `edits` on the machine's findings. A line: {statement, text, origin, finding}. */
export function conclude(findings, edits) {
  const lines = findings.map((f) => ({ statement: f.id, text: f.wording, origin: 'machine', finding: f }));
  for (const edit of edits) {
    if (edit.edit === 'delete') lines.splice(edit.at, 1);
    else if (edit.edit === 'reword') {
      const line = lines[edit.at];
      if (line)
        lines[edit.at] = { ...line, text: edit.text, origin: line.origin === 'machine' ? 'changed' : line.origin };
    } else if (edit.edit === 'add')
      lines.splice(Math.min(edit.at, lines.length), 0, {
        statement: edit.statement,
        text: edit.text,
        origin: 'added',
        finding: null,
      });
    else if (edit.edit === 'move') {
      const [line] = lines.splice(edit.from, 1);
      if (line) lines.splice(Math.min(edit.to, lines.length), 0, line);
    }
  }
  return lines;
}

/** How the lines differ from the machine's findings, counted by statement. */
export function difference(findings, lines) {
  const said = new Set(findings.map((f) => f.id));
  const stands = new Set(lines.map((l) => l.statement).filter(Boolean));
  return {
    confirmed: [...said].filter((id) => stands.has(id)).length,
    deleted: [...said].filter((id) => !stands.has(id)).length,
    added: [...stands].filter((id) => !said.has(id)).length,
    changed: lines.filter((l) => l.origin === 'changed').length,
    free: lines.filter((l) => !l.statement).length,
  };
}
