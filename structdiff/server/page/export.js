"use strict";
/* Makes a finished run one file: this page's own style and replay, and the run as data. It asks nothing of the network. */

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** Returns the text of an HTML file that replays `runs`. */
export async function exported(runs) {
  const [style, script] = await Promise.all(["page/page.css", "page/replay.js"].map(async (path) => (await fetch(path)).text()));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>structdiff: a run</title>
<style>${style}</style>
</head>
<body>
<main class="stage alone"><h1>structdiff: a run</h1><div id="replay" class="replay"></div></main>
<script type="application/json" id="runs">${inert(runs)}</script>
<script type="module">${script}
const runs = JSON.parse(document.getElementById("runs").textContent), root = document.getElementById("replay");
new Replay(root, runs);
root.append(askedOf(runs[0]));
</script>
</body>
</html>
`;
}

/** Returns the data as JSON that no parser of HTML can take for the end of its script. */
function inert(data) {
  return JSON.stringify(data).replace(/</g, "\\u003c");
}
