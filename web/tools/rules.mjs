/**
 * The rules of docs/house.md §10, enforced: folders point one way, features do not know each other, `fetch` only in
 * api/, no literal colours outside of the tokens, no texts outside of the catalogue, no barrels, files of at most
 * 250 lines. Prints each breach with what to do instead; exits 1 when there is any. Run by `make check`.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const SRC = fileURLToPath(new URL("../src", import.meta.url));
const MAX_LINES = 250;
const FLOORS = { lib: 0, api: 1, ui: 1, live: 2, features: 3, app: 4, testing: 4 };
const COLOUR = /#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b(?!["']?\s*\))|\b(?:rgba?|hsla?|oklch)\(/i;
const CHINESE = /[\u3400-\u9fff]/;

export function filesBelow(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

const isTest = (file) => /\.test\.tsx?$/.test(file) || file.startsWith("testing/");
const isGenerated = (file) => file === "api/schema.d.ts";

/** Returns what one file imports, as paths below src/ ("features/sla/model"), packages left out. */
export function importsOf(file, text) {
  const found = [];
  for (const match of text.matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g)) {
    const wanted = match[1];
    if (wanted.startsWith("@/")) found.push(wanted.slice(2));
    else if (wanted.startsWith(".")) found.push(relative(SRC, resolve(SRC, dirname(file), wanted)));
  }
  return found;
}

const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, (c) => c.replace(/[^\n]/g, " ")).replace(/(^|\s)\/\/.*$/gm, "$1");

/** Returns the breaches of one file as `{line, rule}`. `file` is its path below src/. */
export function breaches(file, text) {
  const found = [];
  const add = (line, rule) => found.push({ line, rule });
  const lines = text.split("\n");
  if (!isGenerated(file) && lines.length > MAX_LINES + 1) add(1, `${lines.length} lines, at most ${MAX_LINES}: split it by capability, not into helpers`);
  if (/(^|\/)index\.tsx?$/.test(file) && /export\s+\*/.test(text)) add(1, "a barrel: import from the file that has the thing");
  if (isGenerated(file)) return found;
  if (!isTest(file)) checkDirection(file, text, add);
  if (/\.tsx?$/.test(file)) checkLines(file, withoutComments(text).split("\n"), add);
  if (/\.css$/.test(file)) lines.forEach((line, n) => COLOUR.test(line) && add(n + 1, "a literal colour: use a token, var(--ink)"));
  return found;
}

function checkDirection(file, text, add) {
  const [floor, feature] = file.split("/");
  for (const wanted of importsOf(file, text)) {
    const [to, toFeature] = wanted.split("/");
    if (!(to in FLOORS) || !(floor in FLOORS)) continue;
    if (floor === "features" && to === "features" && feature !== toFeature) {
      add(1, `features/${feature} imports features/${toFeature}: compose them in app/`);
    } else if (FLOORS[to] > FLOORS[floor]) {
      add(1, `${floor}/ imports ${to}/: imports go down only (app → features → live → api, ui → lib)`);
    } else if (floor === "ui" && (to === "api" || to === "live")) add(1, "ui/ knows no server: hand the data in");
  }
}

function checkLines(file, lines, add) {
  const inApi = file.startsWith("api/") || file.startsWith("testing/");
  lines.forEach((line, n) => {
    if (!inApi && /(^|[^.\w])fetch\(/.test(line)) add(n + 1, "fetch outside of api/: use the client in api/client.ts");
    if (!isTest(file) && !file.startsWith("ui/tokens") && COLOUR.test(line.replace(/`#\$\{[^`]*`|"#[a-z-]*"/g, ""))) add(n + 1, "a literal colour: use a token");
    if (!isTest(file) && !file.startsWith("lib/i18n/") && file !== "lib/format.ts" && CHINESE.test(line)) add(n + 1, "a text outside of the catalogue: lib/i18n/catalogue, t(\"…\")");
  });
}

/** Returns the breaches of the whole tree as printable lines. */
export function check(root = SRC) {
  const report = [];
  for (const path of filesBelow(root)) {
    if (!/\.(tsx?|css)$/.test(path)) continue;
    const file = relative(root, path).replaceAll("\\", "/");
    for (const { line, rule } of breaches(file, readFileSync(path, "utf8"))) report.push(`web/src/${file}:${line}: ${rule}`);
  }
  return report;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const report = check();
  if (report.length > 0) {
    console.error(report.join("\n"));
    process.exit(1);
  }
  console.log("web rules: ok");
}
