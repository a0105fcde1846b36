(() => {
const $ = s => document.querySelector(s), all = (s, e = document) => [...e.querySelectorAll(s)];
const body = $("#worklist tbody"), rows = all("tr", body), off = new Set();
document.body.classList.add("js");
$(".tools").hidden = false;
const show = () => {
  const words = $("#search").value.toLowerCase().split(/\s+/).filter(Boolean);
  let n = 0;
  for (const r of rows) {
    const t = r.textContent.toLowerCase();
    r.hidden = off.has(r.dataset.kind) || !words.every(w => t.includes(w));
    n += !r.hidden;
  }
  $("#shown").textContent = n + " / " + rows.length;
};
$("#search").addEventListener("input", show);
all(".kinds li").forEach(li => li.addEventListener("click", () => {
  const k = li.dataset.kind;
  off.has(k) ? off.delete(k) : off.add(k);
  li.classList.toggle("off");
  show();
}));
let by = 0, up = true;
all("#worklist th").forEach((th, i) => th.addEventListener("click", () => {
  up = by === i ? !up : true;
  by = i;
  const key = r => {
    if (i === 0) return +r.dataset.urgency;
    const t = (r.cells[i] || {}).textContent || "";
    return i > 3 ? (parseFloat(t) || -1) : t;
  };
  rows.map(r => [key(r), r]).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0) * (up ? 1 : -1)).forEach(([, r]) => body.append(r));
}));
show();
})();
