"use strict";
(() => {
  const { light, dark, charts } = JSON.parse(document.getElementById("data").textContent);
  const darkness = matchMedia("(prefers-color-scheme: dark)");
  const narrow = matchMedia("(max-width: 40rem)");
  const drawn = new Set();
  let printing = false;

  // Colours are written @name; only fields that hold colours are looked at, never what documents say.
  const coloured = (value, palette, key = "") => {
    if (Array.isArray(value)) return value.map((item) => coloured(item, palette, key));
    if (value && typeof value === "object")
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, coloured(inner, palette, name)]));
    return typeof value === "string" && key.endsWith("color") && value[0] === "@" ? palette[value.slice(1)] : value;
  };

  // On a narrow screen the names of rows stand above their points, where there is room for them.
  const fitted = (chart, palette) => {
    const layout = coloured(chart.layout, palette);
    const { ticktext, tickvals } = layout.yaxis;
    if (chart.kind === "rows" && narrow.matches) {
      layout.height = layout.height + 14 * ticktext.length;
      layout.yaxis.showticklabels = false;
      layout.annotations = ticktext.map((text, row) => ({
        text, x: 0, xref: "paper", y: tickvals[row], yref: "y", xanchor: "left", yanchor: "bottom", yshift: 3,
        showarrow: false, font: { size: 12, color: palette.ink }, bgcolor: palette.paper, borderpad: 0,
      }));
    }
    if (chart.kind === "bars" && narrow.matches) layout.xaxis.tickangle = -60;
    return layout;
  };

  const draw = (id) => {
    const palette = darkness.matches && !printing ? dark : light;
    const chart = charts[id];
    const config = {
      responsive: true, displaylogo: false, scrollZoom: chart.wheel, showLink: false, plotlyServerURL: "",
      modeBarButtonsToRemove: ["sendDataToCloud", "editInChartStudio", "lasso2d", "select2d"],
      toImageButtonOptions: { filename: id, format: "svg" },
    };
    drawn.add(id);
    return Plotly.react(id, coloured(chart.data, palette), fitted(chart, palette), config);
  };
  const redraw = () => drawn.forEach(draw);

  const seen = new IntersectionObserver(
    (entries) => entries.forEach(({ isIntersecting, target }) => {
      if (isIntersecting) { seen.unobserve(target); draw(target.id); }
    }),
    { rootMargin: "900px" },
  );
  Object.keys(charts).forEach((id) => seen.observe(document.getElementById(id)));
  darkness.addEventListener("change", redraw);
  narrow.addEventListener("change", redraw);
  addEventListener("beforeprint", () => { printing = true; Object.keys(charts).forEach(draw); });
  addEventListener("afterprint", () => { printing = false; redraw(); });

  const traces = (button) => button.dataset.traces.split(" ").map(Number);
  document.querySelectorAll(".legend").forEach((legend) => {
    const { data } = charts[legend.dataset.chart];
    const buttons = [...legend.querySelectorAll("[data-traces]")];
    const first = buttons.map((button) => button.getAttribute("aria-pressed") === "true");
    const show = (button, shown) => {
      button.setAttribute("aria-pressed", shown);
      traces(button).forEach((trace) => { data[trace].visible = shown; });
    };
    legend.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (!button) return;
      if (button.dataset.show) buttons.forEach((other, n) => show(other, button.dataset.show === "all" || first[n]));
      else show(button, button.getAttribute("aria-pressed") !== "true");
      draw(legend.dataset.chart);
    });
  });

  const value = (row, column) => row.children[column]?.dataset.sort ?? "";
  const compare = (a, b) => {
    const [x, y] = [Number(a), Number(b)];
    return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b) : x - y;
  };
  document.querySelectorAll("table.sortable").forEach((table) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      const order = before ? (before === "descending" ? "ascending" : "descending") : head.classList.contains("number") ? "descending" : "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", order);
      for (const body of table.tBodies) {
        const rows = [...body.rows].filter((row) => !row.classList.contains("group"));
        const full = rows.filter((row) => value(row, column) !== "");
        const empty = rows.filter((row) => value(row, column) === "");
        full.sort((a, b) => compare(value(a, column), value(b, column)) * (order === "descending" ? -1 : 1));
        body.append(...full, ...empty);
      }
    }));
  });
})();
