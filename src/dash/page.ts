// The dashboard's page: a frame that its script fills in. It contains no data of any run.

export const dashboardPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>nnc dash</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/uplot.css">
<link rel="stylesheet" href="/theme.css">
<link rel="stylesheet" href="/dashboard.css">
<script src="/uplot.js" defer></script>
<script src="/dashboard.js" type="module"></script>
</head>
<body>
<aside>
<header><h1>Runs</h1><span id="link" class="badge" role="status">connecting</span></header>
<p id="none" class="muted" hidden>No runs yet: <code>nnc train</code> makes one.</p>
<nav id="runs" aria-label="Runs"></nav>
</aside>
<main>
<div class="controls">
<label>Across <select id="axis"><option value="step">steps</option><option value="epoch">epochs</option><option value="time">seconds</option></select></label>
<label>Smoothing <input id="smoothing" type="range" min="0" max="0.98" step="0.02" value="0.6"></label>
<label><input id="logarithmic" type="checkbox"> Logarithmic</label>
</div>
<div class="scroll"><table id="shown" aria-label="Shown runs"></table></div>
<div id="charts"></div>
<p id="nothing" class="muted">Choose a run on the left.</p>
</main>
</body>
</html>
`;
