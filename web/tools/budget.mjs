/**
 * The size of what a browser loads, gzip: the first workbench route at most 420 KB of JavaScript, charts at most 220 KB
 * on top, and so is each page that has tables and dialogs of its own (issue: the workbench). Reads Vite's manifest of the built pages; exits 1 when a budget is broken.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUILT = fileURLToPath(new URL("../../src/miaohui/app/web/", import.meta.url));
const FIRST = ["index.html", "src/app/routes/desk/DeskPage.tsx"];
const BUDGETS = { first: 420, charts: 220, pages: 220 };

/** Returns the files that some entries need, directly and through others. */
export function closure(manifest, entries) {
  const seen = new Set();
  const visit = (key) => {
    const chunk = manifest[key];
    if (!chunk || seen.has(chunk.file)) return;
    seen.add(chunk.file);
    (chunk.imports ?? []).forEach(visit);
  };
  entries.forEach(visit);
  return [...seen].filter((file) => file.endsWith(".js"));
}

if (!existsSync(`${BUILT}.vite/manifest.json`)) {
  console.error("build the pages first: python tools/build_web.py");
  process.exit(1);
}
const manifest = JSON.parse(readFileSync(`${BUILT}.vite/manifest.json`, "utf8"));
const kilobytes = (files) => files.reduce((sum, file) => sum + gzipSync(readFileSync(BUILT + file), { level: 9 }).length, 0) / 1024;
const first = closure(manifest, FIRST);
const CHARTS = "src/features/insight/charts/EChart.tsx";
const PAGES = ["src/app/routes/insight/InsightPage.tsx", "src/features/importing/ImportsPage.tsx", "src/features/backups/BackupsPage.tsx"];
const missing = [CHARTS, ...PAGES].filter((key) => !manifest[key]?.isDynamicEntry);
if (missing.length > 0) {
  console.error(`not loaded lazily, or gone: ${missing.join(", ")}`);
  process.exit(1);
}
const beyond = (entries) => kilobytes(closure(manifest, entries).filter((file) => !first.includes(file)));
const sizes = { first: kilobytes(first), charts: beyond([CHARTS]), pages: Math.max(...PAGES.map((page) => beyond([page]))) };
for (const [name, limit] of Object.entries(BUDGETS)) console.log(`${name}: ${sizes[name].toFixed(0)} KB gzip of ${limit}`);
process.exit(Object.entries(BUDGETS).some(([name, limit]) => sizes[name] > limit) ? 1 : 0);
