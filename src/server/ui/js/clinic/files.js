// Files from a drop, a file dialog or a folder, gathered into ECGs: files of one stem (x.hea, x.dat) belong together.

/** Every file below a dropped entry. */
async function below(entry, path = '') {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => {
      entry.file(resolve, reject);
    });
    return [{ file, folder: path }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (!some.length) break;
    for (const one of some) found.push(...(await below(one, `${path}${entry.name}/`)));
  }
  return found;
}

/** Files of a drop event, folders included. */
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, folder: '' }));
  return (await Promise.all(entries.map((entry) => below(entry)))).flat();
}

/** Files of an <input type=file>. */
export const chosen = (input) =>
  [...input.files].map((file) => ({ file, folder: file.webkitRelativePath?.replace(/[^/]*$/, '') ?? '' }));

const HIDDEN = /^(\.|~\$|Thumbs\.db$|desktop\.ini$)/i;

/** ECGs: [{name, files}], in order of name; hidden files of the system are left out. */
export function gather(found) {
  const groups = new Map();
  for (const { file, folder } of found) {
    if (HIDDEN.test(file.name)) continue;
    const stem = `${folder}${file.name.replace(/\.[^.]+$/, '')}`;
    if (!groups.has(stem)) groups.set(stem, { name: file.name, files: [] });
    groups.get(stem).files.push(file);
  }
  return [...groups.keys()]
    .sort((a, b) => a.localeCompare(b))
    .map((stem) => {
      const group = groups.get(stem);
      return {
        ...group,
        name: group.files
          .map((f) => f.name)
          .sort()
          .join(' + '),
        size: group.files.reduce((sum, f) => sum + f.size, 0),
      };
    });
}
